//! `cargo xtask bench`: what the database alone can do, then what the product does, one after the
//! other on the same private cluster, since only ratios of one run mean something. With `--peers`
//! the product beside other libraries, in the same way.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use clap::Args;

use crate::account::Account;
use crate::cargo;
use crate::install;
use crate::mariadb::{self, MariaDb};
use crate::peers;
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

    /// Measure only these scenarios; `cost`, what a job costs, and `search`, lists and pages beside a
    /// million jobs, are not among those of a full run and run by themselves.
    /// With `--peers`, only these libraries
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    only: Vec<String>,

    /// Measure how rates hold with more jobs, queues and history, up to ten million jobs
    #[arg(long, conflicts_with = "limit_only")]
    growth: bool,

    /// Measure jobs beside other libraries
    #[arg(long, conflicts_with_all = ["limit_only", "growth"])]
    peers: bool,

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
        if self.searches() {
            install::ensure(&[install::MARIADB])?;
        }
        let programs = if self.peers { Some(build()?) } else { None };
        let account = Account::unprivileged()?;
        let directory = tempfile::Builder::new()
            .prefix("jobs-bench-")
            .tempdir_in(&self.dir)
            .with_context(|| format!("cannot make a directory in {}", self.dir.display()))?;
        let postgres = Postgres::start(&account, &self.dir, postgres::FOR_BENCHES)?;
        let mariadb = match self.searches() {
            true => Some(MariaDb::start(&account, &self.dir, mariadb::FOR_BENCHES)?),
            false => None,
        };
        let run = |program: &Program, options: &[(&str, Option<&Path>)], args: &[String]| {
            let mut command = program.command();
            command.args(["--postgres-url", &postgres.url(), "--sqlite-dir"]);
            command.arg(directory.path());
            for (name, value) in options {
                if let Some(value) = value {
                    command.arg(name).arg(value);
                }
            }
            process::succeed(command.args(args))
        };

        let json = self.json.as_deref();
        let mut args = self.args.clone();
        if !self.only.is_empty() {
            args.extend(["--only".to_owned(), self.only.join(",")]);
        }
        if let Some(programs) = &programs {
            return run(COMPARE, &[("--programs", Some(programs)), ("--json", json)], &args);
        }
        if self.limit_only {
            return run(LIMIT, &[("--json", json)], &args);
        }
        if self.growth {
            args.push("--growth".to_owned());
        }
        if self.counts_cost() || self.searches() {
            args.extend(["--counted-url".to_owned(), postgres.counted_url()]);
        }
        if let Some(mariadb) = &mariadb {
            args.extend(["--mariadb-url".to_owned(), mariadb.url()]);
        }
        if self.growth || self.counts_cost() || self.searches() {
            return run(self.product(), &[("--json", json)], &args);
        }
        let limits = directory.path().join("limits.jsonl");
        run(LIMIT, &[("--json", Some(&limits))], &[])?;
        run(self.product(), &[("--limits", Some(&limits)), ("--json", json)], &args)
    }

    fn counts_cost(&self) -> bool {
        self.only.iter().any(|name| name == "cost")
    }

    fn searches(&self) -> bool {
        self.only.iter().any(|name| name == "search")
    }

    fn product(&self) -> &'static Program {
        if self.counts_cost() { &COUNTING_PRODUCT } else { &PRODUCT }
    }
}

/// Builds what the comparison starts by itself, and gives the folder of the other libraries'
/// programs.
fn build() -> Result<PathBuf> {
    process::succeed(&mut PEER.build())?;
    peers::build()
}

/// A program of this workspace.
struct Program {
    package: &'static str,
    binary: &'static str,
    features: &'static str,
}

/// The frozen program.
const LIMIT: &Program =
    &Program { package: "jobs-bench-limit", binary: "jobs-bench-limit", features: "" };

/// The product's own measurements.
const PRODUCT: Program = Program { package: "jobs-benches", binary: "bench", features: "" };

/// The same with an allocator that counts, which makes it slower.
const COUNTING_PRODUCT: Program = Program { features: "allocations", ..PRODUCT };

/// The comparison with other libraries.
const COMPARE: &Program = &Program { binary: "compare", ..PRODUCT };

/// The product, as the comparison runs it.
const PEER: &Program = &Program { binary: "peer", ..PRODUCT };

impl Program {
    fn command(&self) -> Command {
        self.cargo("run", &["--"])
    }

    fn build(&self) -> Command {
        self.cargo("build", &[])
    }

    fn cargo(&self, verb: &'static str, rest: &[&'static str]) -> Command {
        let Self { package, binary, features } = self;
        let words = [verb, "--release", "--package", package, "--bin", binary];
        cargo::command(
            words.into_iter().chain(["--features", features]).chain(rest.iter().copied()),
        )
    }
}
