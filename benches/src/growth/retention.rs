//! The removal of jobs that have been kept for long enough, while others run.

use std::time::{Duration, Instant};

use anyhow::Result;
use jobs_runtime::{Client, Retention, Runtime, Storage};

use super::WORKERS;
use crate::probe;
use crate::report::Report;
use crate::scenarios::{self, Outcome};
use crate::target::Target;

/// Long enough that no job that is timed expires meanwhile.
const KEEP: Duration = Duration::from_secs(60);
/// The sweep begins with the runtime.
const SOON: Duration = Duration::from_millis(1);
/// How long the removal is watched.
const WATCH: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(200);

/// The rate at which jobs start while expired ones are removed, and the rate at which these go.
pub(super) async fn measure(
    target: &Target,
    n: usize,
    timed: usize,
    report: &mut Report,
) -> Result<()> {
    let storage = target.fresh().await?;
    scenarios::bulk(&storage, n, 1).await?;
    scenarios::run_down(&storage, n, WORKERS).await?;
    let expired = Instant::now() + KEEP;
    scenarios::bulk(&storage, timed, 1).await?;
    tokio::time::sleep_until(expired.into()).await;

    let before = probe::started();
    let begin = Instant::now();
    let runtime = Runtime::builder(storage.clone())
        .workers(WORKERS)
        .queues(["bench"])
        .retention(Retention::default().succeeded(KEEP))
        .sweep_every(SOON)
        .start()
        .await?;
    probe::until_started(before + timed as u64).await;
    let started = Outcome::rate(scenarios::rate(timed, begin));
    runtime.drain().await?;
    let removed = Outcome::rate(removal(&storage, n, timed, begin).await?);
    runtime.shutdown().await?;
    storage.close().await;
    report.add(target.name(), "expired-started", n, WORKERS, vec![started])?;
    report.add(target.name(), "expired-removed", n, 1, vec![removed])
}

/// Until all are gone, or for a while.
async fn removal(storage: &Storage, n: usize, timed: usize, begin: Instant) -> Result<f64> {
    let client = Client::new(storage.clone());
    loop {
        let there = usize::try_from(client.counts().await?.succeeded)?;
        let removed = (n + timed).saturating_sub(there);
        if removed >= n || begin.elapsed() > WATCH {
            return Ok(scenarios::rate(removed, begin));
        }
        tokio::time::sleep(LOOK).await;
    }
}
