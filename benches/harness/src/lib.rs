//! What every program of the comparison with other libraries has in common: its command line, the
//! scenarios, the clock, and the one line of JSON that it prints.
//!
//! A program is an implementation of [`Peer`], which says how one library is called, and a `main`
//! that hands it to [`run`]. It does one run of one scenario:
//!
//! ```text
//! PROGRAM --scenario drain --concurrency 50 --url postgres://…
//! ```
//!
//! `--step` divides the run into processes, so that whoever starts them can tell what the jobs
//! cost from what it cost to store them.

mod line;
mod measure;
mod options;
mod peer;
mod scenario;
mod sizes;
mod work;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;

use measure::Measured;

pub use line::Line;
pub use options::{Options, Step};
pub use peer::{Args, BULK, Peer};
pub use scenario::Scenario;
pub use sizes::Sizes;
pub use work::{FirstAttempt, perform};

/// How long a step may take before it counts as stalled.
pub const LIMIT: Duration = Duration::from_secs(60);

/// Does what the command line says and prints the result.
///
/// Ends the process: most libraries go on working in tasks of their own until then, and what is
/// measured is over.
///
/// # Errors
/// If the library does not do what it was asked, with its own error.
#[allow(clippy::print_stdout, reason = "the result is the output of the program")]
pub async fn run<P: Peer>() -> Result<()> {
    let options = Options::parse();
    let workers = options.concurrency();
    let jobs = options.jobs.unwrap_or_else(|| P::SIZES.of(options.scenario, workers));
    work::begin(options.scenario, jobs);
    let step = tokio::time::timeout(LIMIT, step::<P>(&options, jobs, workers));
    let line = match step.await {
        Ok(measured) => measured?.into_line::<P>(&options),
        Err(_) if options.measures() => Measured::stalled(jobs).into_line::<P>(&options),
        Err(_) => Measured::left_out("too many to store in 60 s").into_line::<P>(&options),
    };
    println!("{}", serde_json::to_string(&line).context("cannot print the result")?);
    std::process::exit(0)
}

async fn step<P: Peer>(options: &Options, jobs: usize, workers: usize) -> Result<Measured> {
    let scenario = options.scenario;
    if scenario == Scenario::Bulk && !P::HAS_BULK {
        return Ok(Measured::left_out("no bulk call"));
    }
    if scenario == Scenario::TwoProcesses && !P::SHARES {
        return Ok(Measured::left_out("one process only"));
    }
    let peer = P::open(&options.url, workers).await.context("cannot open the storage")?;
    let peer = Arc::new(peer);
    if options.fills() && scenario.is_filled() {
        let payload = scenario.payload();
        peer.fill(jobs, payload).await.context("cannot store the waiting jobs")?;
    }
    if options.measures() {
        return measure::measure(&peer, scenario, jobs, workers).await;
    }
    Ok(Measured::default())
}
