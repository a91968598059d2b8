//! What the database alone can do with jobs: the denominator of the project's benchmarks.
//!
//! Raw sqlx on one table with one ready index; rows as wide as the product's; every statement is
//! prepared once and kept; each figure is the best of 1, 2 and 4 connections where the number is
//! not part of the question. Nothing else is done: no history, no leases, no wake-ups.
//!
//! **This program is frozen.** The same program, unchanged, is the denominator of every run, so
//! that figures of different days compare. It is never tuned down, and never changed to flatter
//! the product: what makes the database faster here is a finding for the product.
//!
//! One JSON object a line is written for each scenario:
//!
//! ```json
//! {"peer":"limit","storage":"postgres","scenario":"insert1","n":10000,"concurrency":1,
//!  "jobs_per_s":4018.0,"p50_ms":0.24,"p99_ms":0.41}
//! ```
//!
//! The latencies are those of one call: one insert with its commit, one batch with its commit, or
//! one claim together with the completion of what it claimed.
#![allow(clippy::print_stdout, reason = "a command line tool speaks by printing")]

mod job;
mod postgres;
mod report;
mod run;
mod scenario;
mod sqlite;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, ValueEnum};

use crate::report::Report;
use crate::scenario::Scenario;

/// Measure what the database alone can do with jobs
#[derive(Debug, Parser)]
struct Arguments {
    /// A PostgreSQL database in which a schema `jobs_limit` may be made and dropped
    #[arg(long, value_name = "URL")]
    postgres_url: Option<String>,

    /// A directory on a disk for SQLite databases
    #[arg(long, value_name = "DIR")]
    sqlite_dir: Option<PathBuf>,

    /// Also write the results to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Run this scenario alone
    #[arg(long, value_name = "NAME")]
    scenario: Option<Scenario>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let scenarios = match arguments.scenario {
        Some(scenario) => vec![scenario],
        None => Scenario::value_variants().to_vec(),
    };
    let mut report = Report::new(arguments.json.as_deref())?;
    if let Some(url) = &arguments.postgres_url {
        for scenario in &scenarios {
            report.write("postgres", *scenario, postgres::measure(url, *scenario).await?)?;
        }
    }
    if let Some(directory) = &arguments.sqlite_dir {
        for scenario in scenarios.iter().filter(|scenario| scenario.suits_one_writer()) {
            report.write("sqlite", *scenario, sqlite::measure(directory, *scenario).await?)?;
        }
    }
    Ok(())
}
