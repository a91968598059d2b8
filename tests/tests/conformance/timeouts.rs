//! Timeouts and deadlines.

use jobs_runtime::{Backoff, FailureKind, JobState, WaitError};
use jobs_tests::Bench;

use super::jobs::{Action, block, perform};
use super::times::{HOUR, SECOND, run_out};

pub(crate) async fn an_attempt_that_outlasts_its_timeout_fails(bench: Bench) {
    let _runtime = bench.start().await;
    let job = perform::job(Action::Hang).timeout(SECOND / 20).retries(0).enqueue().await.unwrap();
    let Err(WaitError::Failed(failure)) = job.wait().await else { panic!("it failed") };
    assert_eq!(failure.kind, FailureKind::Timeout);
    assert!(failure.message.contains("50ms"), "{failure}");
}

pub(crate) async fn a_timeout_trips_the_token(bench: Bench) {
    let _runtime = bench.start().await;
    let job = perform::job(Action::Hang).timeout(SECOND / 20).retries(0).enqueue().await.unwrap();
    bench.hear("started").await;
    bench.probe().token(job.id()).cancelled().await;
    assert!(job.wait().await.is_err());
}

pub(crate) async fn an_attempt_that_timed_out_is_retried(bench: Bench) {
    let _runtime = bench.start().await;
    let job = perform::job(Action::Hang).timeout(SECOND / 20).retries(2).enqueue().await.unwrap();
    assert_eq!(run_out(&bench, &job).await, JobState::Failed);
    assert_eq!(bench.probe().runs(job.id()), 3);
}

pub(crate) async fn an_attempt_within_its_timeout_is_left_alone(bench: Bench) {
    let _runtime = bench.start().await;
    let job = perform::job(Action::ok()).timeout(HOUR).enqueue().await.unwrap();
    assert_eq!(job.wait().await.unwrap(), "done");
}

pub(crate) async fn no_attempt_starts_while_a_blocking_one_that_timed_out_still_runs(bench: Bench) {
    let _runtime = bench.start().await;
    let job = block::job("open").timeout(SECOND / 20).enqueue().await.unwrap();
    bench.hear("started").await;
    bench.probe().token(job.id()).cancelled().await;
    // Others go on; this one is not started again, though its backoff is zero.
    for _ in 0..3 {
        perform::enqueue(Action::ok()).await.unwrap().wait().await.unwrap();
    }
    assert_eq!(bench.state(&job).await, JobState::Processing);
    assert_eq!(bench.probe().runs(job.id()), 1);
    bench.probe().open("open");
    bench.hear("returned").await;
    let _ = job.wait().await;
    let runs = bench.client().history(job.id()).await.unwrap().runs;
    assert_eq!(runs[0].failure.as_ref().unwrap().kind, FailureKind::Timeout);
    assert_eq!(bench.probe().runs(job.id()), 2);
}

pub(crate) async fn a_job_past_its_deadline_is_deleted_and_not_run(bench: Bench) {
    let job = perform::job(Action::ok()).expires(HOUR).enqueue().await.unwrap();
    bench.advance(2 * HOUR).await;
    let _runtime = bench.start().await;
    let Err(WaitError::Deleted { reason, .. }) = job.wait().await else { panic!("it expired") };
    assert!(reason.contains("deadline"), "{reason}");
    assert_eq!(bench.probe().runs(job.id()), 0);
    let events = bench.client().history(job.id()).await.unwrap().events;
    assert_eq!(events.last().unwrap().to, JobState::Deleted);
}

pub(crate) async fn a_job_before_its_deadline_is_run(bench: Bench) {
    let job = perform::job(Action::ok()).expires(2 * HOUR).enqueue().await.unwrap();
    bench.advance(HOUR).await;
    let _runtime = bench.start().await;
    assert_eq!(job.wait().await.unwrap(), "done");
}

pub(crate) async fn a_retry_past_the_deadline_is_not_run(bench: Bench) {
    let _runtime = bench.start().await;
    let job = perform::job(Action::fail()).backoff(Backoff::Fixed(2 * HOUR)).expires(HOUR);
    let job = job.enqueue().await.unwrap();
    bench.until_state(&job, JobState::Scheduled).await;
    bench.advance(3 * HOUR).await;
    assert!(matches!(job.wait().await, Err(WaitError::Deleted { .. })));
    assert_eq!(bench.probe().runs(job.id()), 1);
}
