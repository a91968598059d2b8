//! The steps of `cargo xtask test`.

use std::fmt;

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::cargo;
use crate::install::{
    CHROMEDRIVER, CHROMIUM, CLIPPY, MARIADB, NEXTEST, PGBOUNCER, POSTGRES, RUSTFMT, Requirement,
};
use crate::msrv;
use crate::process;

/// One step, in the order in which they run: what fails fastest comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Step {
    /// Formatting
    Fmt,
    /// Lints, as errors
    Clippy,
    /// Each database without the others
    Features,
    /// All tests but those in documentation
    Nextest,
    /// Tests in documentation
    Doctest,
    /// Documentation, warnings as errors
    Doc,
    /// The stated minimum version of Rust
    Msrv,
}

impl Step {
    /// What the step needs on the machine.
    pub(crate) fn requirements(self) -> &'static [Requirement] {
        match self {
            Self::Fmt => &[RUSTFMT],
            Self::Clippy | Self::Features => &[CLIPPY],
            Self::Nextest => &[NEXTEST, POSTGRES, PGBOUNCER, MARIADB, CHROMIUM, CHROMEDRIVER],
            Self::Doctest => &[POSTGRES, PGBOUNCER, MARIADB],
            Self::Doc | Self::Msrv => &[],
        }
    }

    /// Whether the step runs tests that look for servers.
    pub(crate) fn needs_servers(self) -> bool {
        matches!(self, Self::Nextest | Self::Doctest)
    }

    /// Runs the step. `args` are added to its command.
    ///
    /// # Errors
    /// If what the step checks is not well.
    pub(crate) fn run(self, variables: &[(&str, String)], args: &[String]) -> Result<()> {
        if self == Self::Msrv {
            return msrv::check();
        }
        for words in self.commands() {
            let mut command = cargo::command(words.split(' '));
            if self == Self::Doc {
                command.env("RUSTDOCFLAGS", "-D warnings");
            }
            command.args(args);
            command.envs(variables.iter().map(|(name, value)| (name, value)));
            println!("$ {}", process::line(&command));
            let status = process::run(&mut command)?;
            if !status.success() {
                bail!("{status}");
            }
        }
        Ok(())
    }

    /// What cargo is told, one after the other.
    fn commands(self) -> &'static [&'static str] {
        match self {
            Self::Fmt => &["fmt --all --check"],
            Self::Clippy => &["clippy --workspace --all-targets --all-features -- -D warnings"],
            Self::Features => &[
                "clippy -p jobs-runtime -p jobs-dashboard -- -D warnings",
                "clippy -p jobs-runtime --no-default-features --features postgres,metrics -- -D warnings",
                "clippy -p jobs-runtime --no-default-features --features mysql,opentelemetry -- -D warnings",
            ],
            Self::Nextest => &["nextest run --workspace --all-features"],
            Self::Doctest => &["test --doc --workspace --all-features"],
            Self::Doc => &["doc --no-deps --workspace --all-features"],
            Self::Msrv => &[],
        }
    }
}

/// The name by which `--only` knows the step.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_possible_value() {
            Some(value) => f.write_str(value.get_name()),
            None => Ok(()),
        }
    }
}
