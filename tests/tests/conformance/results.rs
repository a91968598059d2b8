//! Waiting for what a job returns.

use jobs_runtime::{FailureKind, JobId, JobState, Limits, WaitError};
use jobs_tests::Bench;

use super::jobs::{Action, double, fail_and_go, perform};
use super::times::{SECOND, run_out};

pub(crate) async fn a_waiter_gets_the_typed_output(bench: Bench) {
    let _runtime = bench.start().await;
    let sum: u32 = double::enqueue(21).await.unwrap().wait().await.unwrap();
    assert_eq!(sum, 42);
}

pub(crate) async fn a_waiter_gets_the_failure(bench: Bench) {
    let _runtime = bench.start().await;
    let job = perform::job(Action::fail()).retries(0).enqueue().await.unwrap();
    let Err(WaitError::Failed(failure)) = job.wait().await else { panic!("it failed") };
    assert_eq!(failure.kind, FailureKind::Error);
    assert_eq!(failure.to_string(), "order 7 was not saved: no luck");
}

pub(crate) async fn a_waiter_is_told_that_the_job_was_deleted(bench: Bench) {
    let job = perform::enqueue(Action::ok()).await.unwrap();
    let waiter = tokio::spawn({
        let job = job.clone();
        async move { job.wait().await }
    });
    job.cancel().await.unwrap();
    let Err(WaitError::Deleted { reason, failure }) = waiter.await.unwrap() else {
        panic!("it was deleted")
    };
    assert_eq!((reason.as_str(), failure), ("by request", None));
    assert_eq!(bench.state(&job).await, JobState::Deleted);
}

pub(crate) async fn a_waiter_gets_the_failure_of_a_job_that_is_not_kept(bench: Bench) {
    let _runtime = bench.start().await;
    let job = fail_and_go::enqueue().await.unwrap();
    let Err(WaitError::Deleted { reason, failure }) = job.wait().await else {
        panic!("it was deleted")
    };
    assert!(reason.contains("attempts"), "{reason}");
    assert_eq!(failure.unwrap().message, "not worth keeping");
}

pub(crate) async fn a_job_that_does_not_exist_is_gone(bench: Bench) {
    let id = JobId::new();
    let error = bench.client().handle::<u32>(id).wait().await.unwrap_err();
    assert!(matches!(error, WaitError::Gone(gone) if gone == id), "{error}");
    assert!(error.to_string().contains(&id.to_string()), "{error}");
}

pub(crate) async fn waiting_for_a_while_ends(bench: Bench) {
    let job = perform::enqueue(Action::ok()).await.unwrap();
    let error = job.wait_timeout(SECOND / 100).await.unwrap_err();
    assert!(matches!(error, WaitError::TimedOut(time) if time == SECOND / 100), "{error}");
    assert_eq!(bench.state(&job).await, JobState::Enqueued);
}

pub(crate) async fn waiting_goes_on_over_retries(bench: Bench) {
    let _runtime = bench.start().await;
    let job = perform::enqueue(Action::FailBefore(3)).await.unwrap();
    let waiter = tokio::spawn({
        let job = job.clone();
        async move { job.wait().await }
    });
    run_out(&bench, &job).await;
    assert_eq!(waiter.await.unwrap().unwrap(), "attempt 3");
}

pub(crate) async fn a_job_that_has_settled_answers_every_waiter(bench: Bench) {
    let _runtime = bench.start().await;
    let job = double::enqueue(4).await.unwrap();
    let waiters: Vec<_> = (0..20)
        .map(|_| {
            let job = job.clone();
            tokio::spawn(async move { job.wait().await })
        })
        .collect();
    for waiter in waiters {
        assert_eq!(waiter.await.unwrap().unwrap(), 8);
    }
    assert_eq!(bench.client().handle::<u32>(job.id()).wait().await.unwrap(), 8);
}

pub(crate) async fn an_output_of_another_type_does_not_decode(bench: Bench) {
    let _runtime = bench.start().await;
    let job = perform::enqueue(Action::ok()).await.unwrap();
    job.wait().await.unwrap();
    let error = bench.client().handle::<u32>(job.id()).wait().await.unwrap_err();
    assert!(matches!(error, WaitError::Undecodable { .. }), "{error}");
    assert!(error.to_string().contains(&job.id().to_string()), "{error}");
}

pub(crate) async fn an_output_over_the_limit_fails_the_job_with_both_sizes(bench: Bench) {
    let limits = Limits::default().output(100);
    let _runtime = bench.runtime().limits(limits).start().await.unwrap();
    let fits = perform::enqueue(Action::Letters(98)).await.unwrap();
    assert_eq!(fits.wait().await.unwrap().len(), 98);
    let job = perform::enqueue(Action::Letters(99)).await.unwrap();
    let Err(WaitError::Failed(failure)) = job.wait().await else { panic!("it failed") };
    assert_eq!(failure.kind, FailureKind::Output);
    assert!(failure.message.contains("101 bytes"), "{failure}");
    assert!(failure.message.contains("100 bytes"), "{failure}");
    assert_eq!(bench.probe().runs(job.id()), 1);
}

pub(crate) async fn a_waiter_of_another_storage_is_answered_by_polling(bench: Bench) {
    let other = bench.another_storage().await;
    let _runtime = bench.runtime_on(other).start().await.unwrap();
    let job = double::enqueue(8).await.unwrap();
    assert_eq!(job.wait().await.unwrap(), 16);
}
