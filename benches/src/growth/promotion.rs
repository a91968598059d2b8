//! Jobs that are due in the same second.

use std::time::{Duration, Instant};

use anyhow::Result;
use chrono::{DateTime, Utc};
use jobs_runtime::{Client, Runtime, Storage};

use super::WORKERS;
use crate::probe;
use crate::report::Report;
use crate::scenarios::{self, Outcome};
use crate::target::Target;

/// Longer than it takes to store the jobs.
const LEAD: Duration = Duration::from_secs(20);
/// How often it is asked whether jobs are still scheduled.
const LOOK: Duration = Duration::from_millis(50);

/// The rates, from the second in which they are due, at which they get into their line, with no
/// workers there, and at which workers start them.
pub(super) async fn measure(
    target: &Target,
    n: usize,
    runs: usize,
    report: &mut Report,
) -> Result<()> {
    let (mut lined, mut started) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let storage = target.fresh().await?;
        lined.push(Outcome::rate(into_line(&storage, n).await?));
        storage.close().await;
        let storage = target.fresh().await?;
        started.push(Outcome::rate(into_workers(&storage, n).await?));
        storage.close().await;
    }
    report.add(target.name(), "due-lined", n, 0, lined)?;
    report.add(target.name(), "due-started", n, WORKERS, started)
}

/// The runtime serves another queue, but promotes the jobs of all.
async fn into_line(storage: &Storage, n: usize) -> Result<f64> {
    let due = schedule(storage, n).await?;
    let runtime = Runtime::builder(storage.clone()).queues(["idle"]).start().await?;
    let begin = reach(due).await;
    while runtime.client().counts().await?.scheduled > 0 {
        tokio::time::sleep(LOOK).await;
    }
    let rate = scenarios::rate(n, begin);
    runtime.shutdown().await?;
    Ok(rate)
}

async fn into_workers(storage: &Storage, n: usize) -> Result<f64> {
    let due = schedule(storage, n).await?;
    let before = probe::started();
    let runtime = scenarios::runtime(storage, WORKERS).await?;
    let begin = reach(due).await;
    probe::until_started(before + n as u64).await;
    let rate = scenarios::rate(n, begin);
    runtime.shutdown().await?;
    Ok(rate)
}

/// Stores the jobs, and gives the instant at which they are due.
async fn schedule(storage: &Storage, n: usize) -> Result<DateTime<Utc>> {
    let due = Utc::now() + LEAD;
    let client = Client::new(storage.clone());
    scenarios::fill(&client, n, |number| scenarios::request(number).at(due)).await?;
    Ok(due)
}

/// Waits for it. An instant that has passed meanwhile counts all the same.
async fn reach(due: DateTime<Utc>) -> Instant {
    let wait = (due - Utc::now()).to_std();
    tokio::time::sleep(wait.unwrap_or_default()).await;
    let late = (Utc::now() - due).to_std();
    Instant::now() - late.unwrap_or_default()
}
