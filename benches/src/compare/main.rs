//! Other libraries beside jobs: the same scenarios on the same machine and the same database, each
//! through its public interface, each run in processes of its own on a database of its own.
//!
//! `cargo xtask bench --peers` builds the programs, starts a private PostgreSQL, and runs this.

#![allow(clippy::print_stdout)] // the results are its output

mod case;
mod child;
mod cost;
mod database;
mod held_open;
mod result;
mod roster;
mod table;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Parser, ValueEnum};
use jobs_bench_harness::Scenario;

use case::Case;
use database::Place;
use result::Results;
use roster::{Entry, Kind};

/// Runs the scenarios with every library.
#[derive(Debug, Parser)]
struct Options {
    /// A PostgreSQL server on which databases may be made, by the address of one of them
    #[arg(long)]
    postgres_url: String,

    /// A directory on a disk, for SQLite files
    #[arg(long)]
    sqlite_dir: PathBuf,

    /// Where the programs of the other libraries are
    #[arg(long, value_name = "DIR")]
    programs: PathBuf,

    /// Where the results go, one JSON object a line
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Results of earlier runs, which the tables show too
    #[arg(long, value_name = "FILE")]
    with: Vec<PathBuf>,

    /// Only these libraries
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    only: Vec<String>,

    /// Only these scenarios
    #[arg(long, value_enum, value_delimiter = ',', value_name = "SCENARIO")]
    scenarios: Vec<Scenario>,

    /// How often each is run; the median is kept
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..))]
    runs: u8,

    /// How many jobs, instead of as many as suit the library
    #[arg(long)]
    jobs: Option<usize>,
}

impl Options {
    fn entries(&self) -> Result<Vec<Entry>> {
        for name in &self.only {
            if !roster::ALL.iter().any(|entry| entry.name == name) {
                let known: Vec<_> = roster::ALL.iter().map(|entry| entry.name).collect();
                bail!("`{name}` is not compared; there are {}", known.join(", "));
            }
        }
        let wanted =
            |entry: &Entry| self.only.is_empty() || self.only.iter().any(|name| entry.name == name);
        Ok(roster::ALL.iter().copied().filter(wanted).collect())
    }

    fn scenarios(&self) -> Vec<Scenario> {
        if self.scenarios.is_empty() {
            return Scenario::value_variants().to_vec();
        }
        self.scenarios.clone()
    }

    fn place(&self, kind: Kind) -> Place {
        match kind {
            Kind::Postgres => Place::postgres(&self.postgres_url),
            Kind::Sqlite => Place::sqlite(&self.sqlite_dir),
        }
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let mut results = Results::new(options.json.as_deref(), &options.with)?;
    for entry in options.entries()? {
        let program = entry.program(&options.programs)?;
        let place = options.place(entry.kind);
        for scenario in options.scenarios() {
            if scenario == Scenario::HeldOpen && entry.kind == Kind::Sqlite {
                continue;
            }
            for &concurrency in scenario.concurrencies() {
                let jobs = options.jobs;
                let case = Case { program: &program, place: &place, scenario, concurrency, jobs };
                let mut runs = Vec::new();
                for _ in 0..options.runs {
                    let run = case.run().await?;
                    // What stalls or is not offered will be so the next time.
                    let is_over = run.line.note.is_some();
                    runs.push(run);
                    if is_over {
                        break;
                    }
                }
                results.add(runs)?;
            }
        }
    }
    println!("\n{}", table::markdown(results.all()));
    Ok(())
}
