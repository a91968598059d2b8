//! Runs the program, and takes its answers.

use std::io::Write;
use std::process::{Command, Stdio};

use jobs_tests::Bench;
use serde_json::Value;

/// What the program has said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// The answer of a command that has done what it was told.
    pub(crate) fn ok(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{}", self.out);
        self.out
    }

    /// The same, as JSON.
    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Runs the program on the storage of a test.
pub(crate) async fn jobs(bench: &Bench, args: &[&str]) -> Said {
    jobs_with(bench, args, "").await
}

/// The same, with this on its standard input.
pub(crate) async fn jobs_with(bench: &Bench, args: &[&str], input: &'static str) -> Said {
    let mut command = command(args);
    command.env("JOBS_DATABASE_URL", bench.place().url());
    command.env("JOBS_SCHEMA", bench.place().schema());
    tokio::task::spawn_blocking(move || run(command, input)).await.unwrap()
}

/// The program with no database named.
pub(crate) fn alone(args: &[&str]) -> Said {
    run(command(args), "")
}

pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jobs"));
    for variable in ["JOBS_DATABASE_URL", "DATABASE_URL", "JOBS_SCHEMA"] {
        command.env_remove(variable);
    }
    command.args(args);
    command
}

pub(crate) fn run(mut command: Command, input: &str) -> Said {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Said {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
