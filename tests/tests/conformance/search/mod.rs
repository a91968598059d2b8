//! Finding jobs, page by page.

mod all;
mod filters;
mod pages;
mod states;

pub(crate) use all::*;
pub(crate) use filters::*;
pub(crate) use pages::*;
pub(crate) use states::*;

use jobs_runtime::{JobFilter, JobId, JobState};
use jobs_tests::Bench;

use super::jobs::{Action, perform};
use super::times::HOUR;

/// All that match, by as many pages as it takes.
pub(crate) async fn found(bench: &Bench, filter: &JobFilter) -> Vec<JobId> {
    let mut found = Vec::new();
    let mut next = Some(filter.clone());
    while let Some(filter) = next {
        let page = bench.client().search(&filter).await.unwrap();
        found.extend(page.jobs.iter().map(|job| job.id));
        next = page.next.map(|cursor| filter.after(cursor));
    }
    found
}

async fn in_state(bench: &Bench, state: JobState) -> Vec<JobId> {
    found(bench, &JobFilter::new().state(state)).await
}

/// Three jobs in each state, as they are to be listed. One server goes on to run the two that are
/// in hand.
async fn three_in_each_state(bench: &Bench) -> Vec<(JobState, Vec<JobId>)> {
    let runtime = bench.start().await;
    let (mut succeeded, mut failed) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let job = perform::enqueue(Action::ok()).await.unwrap();
        job.wait().await.unwrap();
        succeeded.insert(0, job.id());
        let job = perform::job(Action::fail()).retries(0).enqueue().await.unwrap();
        job.wait().await.unwrap_err();
        failed.insert(0, job.id());
    }
    runtime.shutdown().await.unwrap();
    let (mut deleted, mut awaiting) = (Vec::new(), Vec::new());
    let parent = perform::schedule_in(3 * HOUR, Action::ok()).await.unwrap();
    for _ in 0..3 {
        let job = perform::enqueue(Action::ok()).await.unwrap();
        job.cancel().await.unwrap();
        deleted.insert(0, job.id());
        let job = perform::continue_with(&parent, Action::ok()).await.unwrap();
        awaiting.insert(0, job.id());
    }
    let late = perform::schedule_in(2 * HOUR, Action::ok()).await.unwrap();
    let soon = perform::schedule_in(HOUR, Action::ok()).await.unwrap();
    let scheduled = vec![soon.id(), late.id(), parent.id()];
    let line = |queue: &str, priority| perform::job(Action::ok()).queue(queue).priority(priority);
    let last = line("last", 0).enqueue().await.unwrap();
    let second = line("first", 0).enqueue().await.unwrap();
    let first = line("first", 1).enqueue().await.unwrap();
    let enqueued = vec![first.id(), second.id(), last.id()];
    vec![
        (JobState::Enqueued, enqueued),
        (JobState::Scheduled, scheduled),
        (JobState::Awaiting, awaiting),
        (JobState::Failed, failed),
        (JobState::Deleted, deleted),
        (JobState::Succeeded, succeeded),
    ]
}
