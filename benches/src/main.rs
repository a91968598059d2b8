//! How fast jobs are stored, run and finished, with history kept, beside what the database alone
//! can do in the same run.
//!
//! `cargo xtask bench` starts a private PostgreSQL, measures the limits, and then runs this.

#![allow(clippy::print_stdout)] // the results are its output

mod charts;
mod cost;
mod growth;
mod latency;
mod probe;
mod report;
mod scenarios;
mod search;
mod target;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Parser, Subcommand};

use report::{Limits, Report};
use scenarios::{Scenario, Sizes};
use target::Target;

/// Measures jobs on PostgreSQL and SQLite.
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Options {
    #[command(subcommand)]
    task: Option<Task>,

    /// A PostgreSQL database in which schemas may be made.
    #[arg(long)]
    postgres_url: Option<String>,

    /// A MariaDB database, which is made anew: for `search`.
    #[arg(long)]
    mariadb_url: Option<String>,

    /// A directory on a disk, for SQLite files.
    #[arg(long)]
    sqlite_dir: Option<PathBuf>,

    /// The lines that the limit program wrote in this run.
    #[arg(long)]
    limits: Option<PathBuf>,

    /// Where the results go, one JSON object a line.
    #[arg(long)]
    json: Option<PathBuf>,

    /// The database of the same cluster in which statements are counted.
    #[arg(long)]
    counted_url: Option<String>,

    /// Only these scenarios: enqueue1, enqueue32, bulk, drain, latency, e2e, idle; or cost, or
    /// search, by itself, since what is counted runs slower.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,

    /// Only these databases: postgres, mariadb (for search), sqlite.
    #[arg(long, value_delimiter = ',')]
    storages: Vec<String>,

    /// Measure how rates hold as something grows: backlog, queues, kept, scheduled, due, expired.
    #[arg(long)]
    growth: bool,

    /// With --growth: leave out what is larger.
    #[arg(long)]
    most: Option<usize>,

    /// How often each scenario runs; the median is kept.
    #[arg(long, default_value_t = 3)]
    runs: usize,

    /// Divides the numbers of jobs, for a quick look.
    #[arg(long, default_value_t = 1)]
    divide: usize,
}

/// What can be done but to measure.
#[derive(Debug, Subcommand)]
enum Task {
    /// Draw charts of results
    Charts {
        /// Files that `--json` has written
        #[arg(required = true)]
        results: Vec<PathBuf>,

        /// Where the charts go
        #[arg(long, default_value = "docs/images")]
        out: PathBuf,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    // On a worker of tokio's, as the code of a server is: the main thread is none.
    tokio::spawn(run(Options::parse())).await?
}

async fn run(options: Options) -> Result<()> {
    if let Some(Task::Charts { results, out }) = &options.task {
        return charts::draw(results, out);
    }
    let targets = options.targets()?;
    if options.is_search() {
        let sizes = Sizes::divided_by(options.divide.max(1));
        return search::run(&targets, &sizes, options.runs.max(1), options.json.as_deref()).await;
    }
    let limits = options.limits.as_deref().map(Limits::read).transpose()?.unwrap_or_default();
    let mut report = Report::new(options.json.as_deref(), limits)?;
    for target in &targets {
        options.measure(target, &mut report).await?;
    }
    report.finish();
    Ok(())
}

impl Options {
    fn targets(&self) -> Result<Vec<Target>> {
        let counts = self.is_cost() || self.is_search();
        let postgres = if counts { &self.counted_url } else { &self.postgres_url };
        let mariadb = self.mariadb_url.clone().filter(|_| self.is_search());
        let targets = [
            postgres.clone().map(Target::Postgres),
            mariadb.map(Target::MariaDb),
            self.sqlite_dir.clone().map(Target::Sqlite),
        ];
        let is_asked_for = |target: &Target| {
            self.storages.is_empty() || self.storages.iter().any(|name| name == target.name())
        };
        let targets: Vec<_> = targets.into_iter().flatten().filter(is_asked_for).collect();
        if targets.is_empty() {
            bail!("nothing to measure: give --postgres-url, --sqlite-dir or both");
        }
        Ok(targets)
    }

    fn is_cost(&self) -> bool {
        self.only == ["cost"]
    }

    fn is_search(&self) -> bool {
        self.only == ["search"]
    }

    async fn measure(&self, target: &Target, report: &mut Report) -> Result<()> {
        let sizes = Sizes::divided_by(self.divide.max(1));
        let runs = self.runs.max(1);
        if self.is_cost() {
            return cost::run(target, &sizes, runs, report).await;
        }
        if self.growth {
            let most = self.most.unwrap_or(usize::MAX);
            return growth::run(target, &self.only, &sizes, most, runs, report).await;
        }
        for scenario in Scenario::parse_all(&self.only)? {
            for (n, concurrency) in scenario.cases(&sizes) {
                let mut outcomes = Vec::new();
                for _ in 0..runs {
                    outcomes.push(scenario.run(target, n, concurrency).await?);
                }
                report.add(target.name(), scenario.name(), n, concurrency, outcomes)?;
            }
        }
        Ok(())
    }
}
