//! `cargo xtask bench`: what the database alone can do, then what the product does, one after the
//! other on the same private cluster, since only ratios of one run mean something.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::account::Account;
use crate::cargo;
use crate::install;
use crate::postgres::{self, Postgres};
use crate::process;

#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// Where to write the results, one JSON object a line
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Measure only what the database alone can do
    #[arg(long)]
    limit_only: bool,

    /// Where the databases go: a folder on a disk, not in memory
    #[arg(long, value_name = "DIR", default_value = "/var/tmp")]
    dir: PathBuf,

    /// Handed on to the last program that runs
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

impl Bench {
    /// # Errors
    /// If a program does not compile, or does not succeed.
    pub(crate) fn run(&self) -> Result<()> {
        install::ensure(&[install::POSTGRES])?;
        let account = Account::unprivileged()?;
        let directory = tempfile::Builder::new()
            .prefix("jobs-bench-")
            .tempdir_in(&self.dir)
            .with_context(|| format!("cannot make a directory in {}", self.dir.display()))?;
        let postgres = Postgres::start(&account, &self.dir, postgres::FOR_BENCHES)?;
        let run = |package: &str, options: &[(&str, Option<&Path>)], args: &[String]| {
            let mut command = program(package);
            command.args(["--postgres-url", &postgres.url(), "--sqlite-dir"]);
            command.arg(directory.path());
            for (name, value) in options {
                if let Some(value) = value {
                    command.arg(name).arg(value);
                }
            }
            run(command.args(args))
        };

        let json = self.json.as_deref();
        if self.limit_only {
            return run(LIMIT, &[("--json", json)], &self.args);
        }
        let limits = directory.path().join("limits.jsonl");
        run(LIMIT, &[("--json", Some(&limits))], &[])?;
        run(PRODUCT, &[("--limits", Some(&limits)), ("--json", json)], &self.args)
    }
}

/// The frozen program.
const LIMIT: &str = "jobs-bench-limit";

/// The product's own measurements.
const PRODUCT: &str = "jobs-benches";

fn program(package: &str) -> Command {
    let name = if package == PRODUCT { "bench" } else { package };
    cargo::command(["run", "--release", "--package", package, "--bin", name, "--"])
}

fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", process::line(command));
    let status = process::run(command)?;
    if !status.success() {
        bail!("`{}` failed: {status}", process::line(command));
    }
    Ok(())
}
