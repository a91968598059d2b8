//! Project tasks. `cargo xtask test` is the one command that tells whether the project is well, on
//! a developer's machine and in CI alike.
#![allow(clippy::print_stdout, reason = "a command line tool speaks by printing")]

mod account;
mod bench;
mod browser;
mod cargo;
mod install;
mod interrupt;
mod mariadb;
mod msrv;
mod peers;
mod pgbouncer;
mod ports;
mod postgres;
mod process;
mod programs;
mod servers;
mod steps;
mod test;
mod version;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::bench::Bench;
use crate::interrupt::Interrupted;
use crate::servers::Servers;
use crate::test::Test;

/// Project tasks
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
enum Task {
    /// Check everything that CI checks; install what is missing for it
    Test(Test),
    /// Measure the database alone and the product on it
    Bench(Bench),
    /// Start the servers that tests need, print how to reach them, and stay until Ctrl-C
    Servers,
    /// Take the pictures of the dashboard in the README anew
    Screenshots,
}

impl Task {
    fn run(self) -> Result<()> {
        match self {
            Self::Test(test) => test.run(),
            Self::Bench(bench) => bench.run(),
            Self::Screenshots => browser::screenshots(),
            Self::Servers => {
                install::ensure(servers::REQUIREMENTS)?;
                Servers::start()?.stay()
            }
        }
    }
}

/// The exit code that shells use for a program ended by SIGINT.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let task = Task::parse();
    match interrupt::listen().and_then(|()| task.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<Interrupted>() => {
            eprintln!("interrupted");
            ExitCode::from(INTERRUPTED)
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
