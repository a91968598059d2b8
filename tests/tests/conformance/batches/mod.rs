//! Sets of jobs with one end.

mod cancelled;
mod counted;
mod ended;
mod nested;
mod removed;
mod stored;

pub(crate) use cancelled::*;
pub(crate) use counted::*;
pub(crate) use ended::*;
pub(crate) use nested::*;
pub(crate) use removed::*;
pub(crate) use stored::*;

use jobs_runtime::prelude::*;
use jobs_runtime::{BatchCounts, BatchState, JobState};
use jobs_tests::{Bench, Probe};

#[job]
async fn add_up(#[from_parent] numbers: Vec<u32>) -> u32 {
    numbers.iter().sum()
}

#[job(retries = 0)]
async fn even(n: u32, #[inject] probe: State<Probe>) -> anyhow::Result<u32> {
    let tries = probe.tally(&n.to_string());
    anyhow::ensure!(n.is_multiple_of(2) || tries > 1, "{n} is odd");
    Ok(n)
}

async fn counts<T>(batch: &BatchHandle<T>) -> BatchCounts {
    batch.status().await.unwrap().counts
}

async fn state<T>(batch: &BatchHandle<T>) -> BatchState {
    batch.status().await.unwrap().state
}

async fn until<T>(bench: &Bench, batch: &BatchHandle<T>, expected: BatchState) {
    bench.until(async || state(batch).await == expected).await;
}

/// The counters of a batch of jobs alone are what the states of these jobs say.
async fn check<T, U>(bench: &Bench, batch: &BatchHandle<T>, jobs: &[JobHandle<U>]) {
    let (mut succeeded, mut failed, mut gone) = (0, 0, 0);
    for job in jobs {
        match bench.state(job).await {
            JobState::Succeeded => succeeded += 1,
            JobState::Failed => failed += 1,
            JobState::Deleted => gone += 1,
            _ => {}
        }
    }
    let counts = counts(batch).await;
    assert_eq!(counts.total, jobs.len() as u64);
    let counted = (counts.succeeded, counts.failed, counts.deleted + counts.skipped);
    assert_eq!(counted, (succeeded, failed, gone), "{counts:?}");
    assert_eq!(counts.pending, counts.total - counts.settled());
}

fn handles(bench: &Bench, ids: &[JobId]) -> Vec<JobHandle<String>> {
    ids.iter().map(|id| bench.client().handle(*id)).collect()
}
