//! The rate at which a runtime starts the jobs that wait for it.

use std::time::Instant;

use anyhow::Result;
use jobs_runtime::{Runtime, Storage};

use super::WORKERS;
use crate::{probe, scenarios};

/// From the start of a runtime until it has started the first so many jobs. It then shuts down;
/// what it had claimed beyond them goes back.
pub(super) async fn rate(storage: &Storage, jobs: usize, queues: &[String]) -> Result<f64> {
    let before = probe::started();
    let begin = Instant::now();
    let runtime = Runtime::builder(storage.clone()).workers(WORKERS).queues(queues).start().await?;
    probe::until_started(before + jobs as u64).await;
    let rate = scenarios::rate(jobs, begin);
    runtime.shutdown().await?;
    Ok(rate)
}
