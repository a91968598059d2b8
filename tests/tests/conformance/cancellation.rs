//! Telling a running job to stop.

use chrono::Utc;
use jobs_runtime::{Acted, JobState};
use jobs_tests::Bench;

use super::jobs::{Action, block, perform};
use super::times::{HOUR, SECOND};

pub(crate) async fn deleting_a_running_job_trips_its_token(bench: Bench) {
    let runtime = bench.start().await;
    let job = perform::enqueue(Action::UntilTold).await.unwrap();
    bench.hear("started").await;
    assert_eq!(bench.state(&job).await, JobState::Processing);
    assert_eq!(job.cancel().await.unwrap(), Acted::Done);
    bench.hear("told").await;
    runtime.drain().await.unwrap();
    assert_eq!(bench.state(&job).await, JobState::Deleted);
    assert!(bench.client().history(job.id()).await.unwrap().runs.is_empty());
}

pub(crate) async fn running_jobs_of_one_claim_can_be_deleted_at_the_same_time(bench: Bench) {
    let requests = (0..8).map(|_| perform::job(Action::UntilTold));
    let jobs = bench.client().enqueue_all(requests).await.unwrap();
    let runtime = bench.runtime().workers(8).start().await.unwrap();
    for _ in &jobs {
        bench.hear("started").await;
    }
    let mut acts = tokio::task::JoinSet::new();
    for job in &jobs {
        let job = job.clone();
        acts.spawn(async move { job.cancel().await });
    }
    while let Some(acted) = acts.join_next().await {
        assert_eq!(acted.unwrap().unwrap(), Acted::Done);
    }
    runtime.drain().await.unwrap();
    for job in &jobs {
        assert_eq!(bench.state(job).await, JobState::Deleted);
    }
}

pub(crate) async fn a_deleted_job_that_still_succeeds_stays_deleted(bench: Bench) {
    let runtime = bench.start().await;
    let job = perform::enqueue(Action::FinishWhenTold).await.unwrap();
    bench.hear("started").await;
    job.cancel().await.unwrap();
    bench.probe().token(job.id()).cancelled().await;
    runtime.drain().await.unwrap();
    assert_eq!(bench.state(&job).await, JobState::Deleted);
    assert!(bench.client().history(job.id()).await.unwrap().runs.is_empty());
}

pub(crate) async fn a_deleted_job_that_does_not_listen_is_stopped(bench: Bench) {
    let runtime = bench.runtime().workers(1).cancel_grace(SECOND / 10).start().await.unwrap();
    let job = perform::enqueue(Action::Hang).await.unwrap();
    bench.hear("started").await;
    job.cancel().await.unwrap();
    // The only worker is free again.
    perform::enqueue(Action::ok()).await.unwrap().wait().await.unwrap();
    runtime.drain().await.unwrap();
    assert_eq!(bench.state(&job).await, JobState::Deleted);
}

pub(crate) async fn requeueing_a_running_job_stops_it_and_runs_it_again(bench: Bench) {
    let _runtime = bench.start().await;
    let job = perform::enqueue(Action::UntilTold).await.unwrap();
    bench.hear("started").await;
    let first = bench.probe().token(job.id());
    assert_eq!(job.requeue().await.unwrap(), Acted::Done);
    first.cancelled().await;
    assert_eq!(bench.hear("started").await.attempt, 1);
    assert_eq!(bench.probe().runs(job.id()), 2);
    job.cancel().await.unwrap();
}

pub(crate) async fn rescheduling_a_running_job_stops_it(bench: Bench) {
    let runtime = bench.start().await;
    let job = perform::enqueue(Action::UntilTold).await.unwrap();
    bench.hear("started").await;
    let at = Utc::now() + HOUR;
    assert_eq!(bench.client().reschedule(job.id(), at, None).await.unwrap(), Acted::Done);
    bench.hear("told").await;
    runtime.drain().await.unwrap();
    assert_eq!(bench.state(&job).await, JobState::Scheduled);
}

pub(crate) async fn shutdown_lets_running_jobs_end(bench: Bench) {
    let runtime = bench.start().await;
    let job = perform::enqueue(Action::gate("end")).await.unwrap();
    bench.hear("started").await;
    let waiting = perform::enqueue(Action::ok()).await.unwrap();
    waiting.wait().await.unwrap();
    let ending = tokio::spawn(runtime.shutdown());
    bench.probe().open("end");
    ending.await.unwrap().unwrap();
    assert_eq!(bench.state(&job).await, JobState::Succeeded);
}

pub(crate) async fn shutdown_starts_nothing_new(bench: Bench) {
    let runtime = bench.runtime().workers(1).start().await.unwrap();
    let job = perform::enqueue(Action::gate("end")).await.unwrap();
    bench.hear("started").await;
    let next = perform::enqueue(Action::ok()).await.unwrap();
    let mut ending = Box::pin(runtime.shutdown());
    // Polled once, so that the shutdown has begun.
    assert!(tokio::time::timeout(SECOND / 100, &mut ending).await.is_err());
    bench.probe().open("end");
    ending.await.unwrap();
    assert_eq!(bench.state(&job).await, JobState::Succeeded);
    assert_eq!(bench.state(&next).await, JobState::Enqueued);
    assert_eq!(bench.probe().runs(next.id()), 0);
}

pub(crate) async fn a_job_cut_short_by_a_shutdown_goes_back_and_loses_no_attempt(bench: Bench) {
    let runtime = bench.runtime().grace(SECOND / 100).start().await.unwrap();
    let job = perform::job(Action::UntilTold).retries(0).enqueue().await.unwrap();
    bench.hear("started").await;
    runtime.shutdown().await.unwrap();
    bench.hear("told").await;
    assert_eq!(bench.state(&job).await, JobState::Enqueued);
    let history = bench.client().history(job.id()).await.unwrap();
    assert!(history.runs.is_empty());
    let event = history.events.last().unwrap();
    assert_eq!((event.from, event.to), (JobState::Processing, JobState::Enqueued));
    assert!(event.reason.contains("shut down"), "{}", event.reason);

    let _next = bench.start().await;
    assert_eq!(bench.hear("started").await.attempt, 1);
    job.cancel().await.unwrap();
}

pub(crate) async fn a_job_that_does_not_listen_is_put_back_by_a_shutdown(bench: Bench) {
    let runtime = bench.runtime().grace(SECOND / 100).cancel_grace(SECOND / 100);
    let runtime = runtime.start().await.unwrap();
    let job = perform::enqueue(Action::Hang).await.unwrap();
    bench.hear("started").await;
    runtime.shutdown().await.unwrap();
    assert_eq!(bench.state(&job).await, JobState::Enqueued);
}

pub(crate) async fn a_job_that_still_succeeds_when_told_to_stop_has_succeeded(bench: Bench) {
    let runtime = bench.runtime().grace(SECOND / 100).start().await.unwrap();
    let job = perform::enqueue(Action::FinishWhenTold).await.unwrap();
    bench.hear("started").await;
    runtime.shutdown().await.unwrap();
    assert_eq!(job.wait().await.unwrap(), "finished");
}

pub(crate) async fn a_blocking_job_that_is_deleted_holds_its_worker_until_it_returns(bench: Bench) {
    let runtime = bench.runtime().workers(1).cancel_grace(SECOND / 100).start().await.unwrap();
    let job = block::enqueue("open").await.unwrap();
    bench.hear("started").await;
    job.cancel().await.unwrap();
    bench.probe().token(job.id()).cancelled().await;
    let next = perform::enqueue(Action::ok()).await.unwrap();
    assert_eq!(bench.state(&job).await, JobState::Deleted);
    assert_eq!(bench.probe().runs(next.id()), 0);
    bench.probe().open("open");
    bench.hear("returned").await;
    next.wait().await.unwrap();
    runtime.drain().await.unwrap();
    assert_eq!(bench.state(&job).await, JobState::Deleted);
}

pub(crate) async fn a_job_that_trips_its_own_token_ends_as_it_says(bench: Bench) {
    let _runtime = bench.start().await;
    let job = perform::enqueue(Action::TripItself).await.unwrap();
    bench.until_state(&job, JobState::Scheduled).await;
    assert_eq!(bench.probe().runs(job.id()), 1);
    bench.advance(HOUR).await;
    assert_eq!(job.wait().await.unwrap(), "tripped");
    assert_eq!(bench.client().history(job.id()).await.unwrap().runs.len(), 2);
}
