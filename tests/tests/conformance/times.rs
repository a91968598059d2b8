//! Spans of time.

use std::time::Duration;

use chrono::{Timelike, Utc};
use jobs_runtime::{JobHandle, JobState};
use jobs_tests::Bench;

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 3600);

/// Moves the clock to half past twelve in UTC. The schedules of the tests fire at midnight and at
/// full hours: from here none does but by what the test moves the clock, whenever the test is run.
pub(crate) async fn half_past_noon(bench: &Bench) {
    let passed = Duration::from_secs(Utc::now().num_seconds_from_midnight().into());
    let by = DAY + 12 * HOUR + HOUR / 2 - passed;
    bench.advance(by).await;
}

/// Waits until a job has settled, and moves the clock by a day whenever it is scheduled.
pub(crate) async fn run_out<T>(bench: &Bench, job: &JobHandle<T>) -> JobState {
    bench
        .until(async || match bench.state(job).await {
            JobState::Scheduled => {
                bench.advance(DAY).await;
                false
            }
            state => state.is_settled(),
        })
        .await;
    bench.state(job).await
}

/// Waits until a job is scheduled; gives the time between the start of its last run and the next
/// one, in seconds.
pub(crate) async fn delay_of<T>(bench: &Bench, job: &JobHandle<T>) -> u64 {
    bench.until_state(job, JobState::Scheduled).await;
    let due_at = bench.record(job.id()).await.due_at.unwrap();
    let runs = bench.client().history(job.id()).await.unwrap().runs;
    (due_at - runs.last().unwrap().started_at).to_std().unwrap().as_secs()
}
