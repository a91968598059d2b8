//! How fast jobs are stored, run and finished, with history kept, beside what the database alone
//! can do in the same run.
//!
//! `cargo xtask bench` starts a private PostgreSQL, measures the limits, and then runs this.

#![allow(clippy::print_stdout)] // the results are its output

mod probe;
mod report;
mod scenarios;
mod target;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Parser;

use report::{Limits, Report};
use scenarios::{Scenario, Sizes};
use target::Target;

/// Measures jobs on PostgreSQL and SQLite.
#[derive(Debug, Parser)]
struct Options {
    /// A PostgreSQL database in which schemas may be made.
    #[arg(long)]
    postgres_url: Option<String>,

    /// A directory on a disk, for SQLite files.
    #[arg(long)]
    sqlite_dir: Option<PathBuf>,

    /// The lines that the limit program wrote in this run.
    #[arg(long)]
    limits: Option<PathBuf>,

    /// Where the results go, one JSON object a line.
    #[arg(long)]
    json: Option<PathBuf>,

    /// Only these scenarios: enqueue1, enqueue32, bulk, drain, latency, e2e, idle.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,

    /// How often each scenario runs; the median is kept.
    #[arg(long, default_value_t = 3)]
    runs: usize,

    /// Divides the numbers of jobs, for a quick look.
    #[arg(long, default_value_t = 1)]
    divide: usize,
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let mut targets = Vec::new();
    targets.extend(options.postgres_url.map(Target::Postgres));
    targets.extend(options.sqlite_dir.map(Target::Sqlite));
    if targets.is_empty() {
        bail!("nothing to measure: give --postgres-url, --sqlite-dir or both");
    }
    let scenarios = Scenario::parse_all(&options.only)?;
    let limits = options.limits.as_deref().map(Limits::read).transpose()?.unwrap_or_default();
    let sizes = Sizes::divided_by(options.divide.max(1));
    let mut report = Report::new(options.json.as_deref(), limits)?;
    for target in &targets {
        for scenario in &scenarios {
            for (n, concurrency) in scenario.cases(&sizes) {
                let mut runs = Vec::new();
                for _ in 0..options.runs.max(1) {
                    runs.push(scenario.run(target, n, concurrency).await?);
                }
                report.add(target.name(), scenario.name(), n, concurrency, runs)?;
            }
        }
    }
    report.finish();
    Ok(())
}
