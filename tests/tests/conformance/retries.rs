//! What happens after a failed attempt.

use std::time::Duration;

use jobs_runtime::{Backoff, FailureKind, JobState, RunEnd, WaitError};
use jobs_tests::Bench;

use super::jobs::{
    Action, block_and_panic, fail_and_go, fail_by_doubling, fail_by_function, fail_by_list,
    fail_if_busy, perform,
};
use super::times::{DAY, HOUR, delay_of, run_out};

/// What passes between the start of a run and its next one, beyond the delay: less than this.
const SLACK: u64 = 60;

pub(crate) async fn a_job_has_ten_retries_unless_it_says_otherwise(bench: Bench) {
    let _runtime = bench.start().await;
    let job = perform::enqueue(Action::fail()).await.unwrap();
    assert_eq!(run_out(&bench, &job).await, JobState::Failed);
    let history = bench.client().history(job.id()).await.unwrap();
    assert_eq!(history.runs.len(), 11);
    assert!(history.runs.iter().all(|run| run.end == RunEnd::Failed));
}

pub(crate) async fn the_default_backoff_follows_its_formula(bench: Bench) {
    let _runtime = bench.start().await;
    let job = perform::enqueue(Action::fail()).await.unwrap();
    for retry in 1..=5u64 {
        let delay = delay_of(&bench, &job).await;
        let least = (retry - 1).pow(4) + 15;
        assert!((least..=least + 29 * retry + SLACK).contains(&delay), "{retry}: {delay} s");
        bench.advance(DAY).await;
        bench.until(async || bench.probe().runs(job.id()) == retry as u32 + 1).await;
    }
}

pub(crate) async fn a_retry_waits_for_its_time(bench: Bench) {
    let _runtime = bench.start().await;
    let job = perform::job(Action::FailBefore(2)).backoff(Backoff::Fixed(HOUR));
    let job = job.enqueue().await.unwrap();
    bench.until_state(&job, JobState::Scheduled).await;
    perform::enqueue(Action::ok()).await.unwrap().wait().await.unwrap();
    assert_eq!(bench.probe().runs(job.id()), 1);
    bench.advance(HOUR).await;
    assert_eq!(job.wait().await.unwrap(), "attempt 2");
}

pub(crate) async fn a_list_gives_each_delay_and_repeats_its_last(bench: Bench) {
    let _runtime = bench.start().await;
    let job = fail_by_list::enqueue().await.unwrap();
    for (retry, hours) in [(1, 1), (2, 3), (3, 3)] {
        assert_about(delay_of(&bench, &job).await, hours * HOUR);
        bench.advance(DAY).await;
        bench.until(async || runs_of(&bench, &job).await == retry + 1).await;
    }
}

pub(crate) async fn a_doubling_backoff_stops_at_its_cap(bench: Bench) {
    let _runtime = bench.start().await;
    let job = fail_by_doubling::enqueue().await.unwrap();
    for (retry, hours) in [(1, 1), (2, 2), (3, 3)] {
        assert_about(delay_of(&bench, &job).await, hours * HOUR);
        bench.advance(DAY).await;
        bench.until(async || runs_of(&bench, &job).await == retry + 1).await;
    }
}

pub(crate) async fn a_function_gives_the_delay(bench: Bench) {
    let _runtime = bench.start().await;
    let job = fail_by_function::enqueue().await.unwrap();
    assert_about(delay_of(&bench, &job).await, 11 * HOUR);
    bench.advance(DAY).await;
    bench.until(async || runs_of(&bench, &job).await == 2).await;
    assert_about(delay_of(&bench, &job).await, 12 * HOUR);
}

pub(crate) async fn a_request_overrides_retries_and_backoff(bench: Bench) {
    let _runtime = bench.start().await;
    let backoff = Backoff::List(vec![7 * HOUR].into());
    let job = fail_by_list::job().retries(1).backoff(backoff).enqueue().await.unwrap();
    assert_about(delay_of(&bench, &job).await, 7 * HOUR);
    bench.advance(DAY).await;
    assert!(matches!(job.wait().await, Err(WaitError::Failed(_))));
    assert_eq!(runs_of(&bench, &job).await, 2);
}

pub(crate) async fn no_retries_means_one_attempt(bench: Bench) {
    let _runtime = bench.start().await;
    let job = perform::job(Action::fail()).retries(0).enqueue().await.unwrap();
    assert!(job.wait().await.is_err());
    assert_eq!(runs_of(&bench, &job).await, 1);
    assert_eq!(bench.state(&job).await, JobState::Failed);
}

pub(crate) async fn a_fatal_error_is_never_retried(bench: Bench) {
    let _runtime = bench.start().await;
    let text = || "bad card".to_owned();
    for (action, message) in [
        (Action::Fatal(text()), "bad card"),
        (Action::FatalInside(text()), "at noon: while saving: bad card"),
        (Action::FatalBeneath(text()), "order 7 was not saved: bad card"),
    ] {
        let job = perform::enqueue(action.clone()).await.unwrap();
        let Err(WaitError::Failed(failure)) = job.wait().await else { panic!("{action:?}") };
        assert_eq!(failure.to_string(), message);
        assert_eq!(runs_of(&bench, &job).await, 1, "{action:?}");
    }
}

pub(crate) async fn an_error_can_bring_its_own_delay(bench: Bench) {
    let _runtime = bench.start().await;
    let job = perform::job(Action::RetryAfter(5 * HOUR)).retries(1).enqueue().await.unwrap();
    assert_about(delay_of(&bench, &job).await, 5 * HOUR);
    assert_eq!(run_out(&bench, &job).await, JobState::Failed);
    assert_eq!(runs_of(&bench, &job).await, 2);
}

pub(crate) async fn the_kind_decides_which_errors_are_worth_a_retry(bench: Bench) {
    let _runtime = bench.start().await;
    let broken = fail_if_busy::enqueue(false).await.unwrap();
    assert!(broken.wait().await.is_err());
    assert_eq!(runs_of(&bench, &broken).await, 1);
    let busy = fail_if_busy::enqueue(true).await.unwrap();
    bench.until_state(&busy, JobState::Scheduled).await;
}

pub(crate) async fn a_snooze_uses_up_no_attempt(bench: Bench) {
    let _runtime = bench.start().await;
    let job = perform::job(Action::Snooze(2 * HOUR)).retries(0).enqueue().await.unwrap();
    assert_about(delay_of(&bench, &job).await, 2 * HOUR);
    bench.advance(3 * HOUR).await;
    assert_eq!(job.wait().await.unwrap(), "attempt 1");
    let runs = bench.client().history(job.id()).await.unwrap().runs;
    let ends: Vec<RunEnd> = runs.iter().map(|run| run.end).collect();
    assert_eq!(ends, [RunEnd::Snoozed, RunEnd::Succeeded]);
}

pub(crate) async fn a_job_not_worth_keeping_is_deleted_when_its_attempts_are_used_up(bench: Bench) {
    let _runtime = bench.start().await;
    let job = fail_and_go::job().retries(1).enqueue().await.unwrap();
    assert_eq!(run_out(&bench, &job).await, JobState::Deleted);
    assert_eq!(runs_of(&bench, &job).await, 2);
    let reason = bench.record(job.id()).await.reason.unwrap();
    assert!(reason.contains("attempts"), "{reason}");
}

pub(crate) async fn a_panic_is_a_failed_attempt_and_its_worker_survives(bench: Bench) {
    let _runtime = bench.runtime().workers(1).start().await.unwrap();
    let job = perform::job(Action::Panic("ouch".to_owned())).retries(0).enqueue().await.unwrap();
    let Err(WaitError::Failed(failure)) = job.wait().await else { panic!("it failed") };
    assert_eq!(failure.kind, FailureKind::Panic);
    assert_eq!(failure.message, "ouch");
    let place = failure.backtrace.unwrap();
    assert!(place.contains("jobs.rs:"), "{place}");
    assert!(perform::enqueue(Action::ok()).await.unwrap().wait().await.is_ok());
}

pub(crate) async fn a_panic_is_retried(bench: Bench) {
    let _runtime = bench.start().await;
    let job = perform::job(Action::Panic("ouch".to_owned())).retries(2).enqueue().await.unwrap();
    assert_eq!(run_out(&bench, &job).await, JobState::Failed);
    assert_eq!(bench.probe().runs(job.id()), 3);
}

pub(crate) async fn a_panic_of_a_blocking_job_is_a_failed_attempt(bench: Bench) {
    let _runtime = bench.runtime().workers(1).start().await.unwrap();
    let job = block_and_panic::enqueue("ouch").await.unwrap();
    let Err(WaitError::Failed(failure)) = job.wait().await else { panic!("it failed") };
    assert_eq!((failure.kind, failure.message.as_str()), (FailureKind::Panic, "ouch"));
    assert!(failure.backtrace.unwrap().contains("jobs.rs:"));
    assert!(perform::enqueue(Action::ok()).await.unwrap().wait().await.is_ok());
}

pub(crate) async fn a_retry_keeps_queue_and_priority(bench: Bench) {
    let _runtime = bench.start().await;
    let job = perform::job(Action::FailBefore(2)).queue("last").priority(3);
    let job = job.enqueue().await.unwrap();
    run_out(&bench, &job).await;
    let record = bench.record(job.id()).await;
    assert_eq!((record.queue.as_str(), record.priority), ("last", 3));
}

pub(crate) async fn a_failed_run_is_kept_with_its_error(bench: Bench) {
    let runtime = bench.start().await;
    let job = perform::job(Action::fail()).retries(0).enqueue().await.unwrap();
    assert!(job.wait().await.is_err());
    let runs = bench.client().history(job.id()).await.unwrap().runs;
    let [run] = runs.as_slice() else { panic!("one run: {runs:?}") };
    assert_eq!((run.run, run.end), (0, RunEnd::Failed));
    assert_eq!(run.server, Some(runtime.server_id()));
    let failure = run.failure.as_ref().unwrap();
    assert_eq!(failure.message, "order 7 was not saved");
    assert_eq!(failure.sources, ["no luck"]);
    assert!(failure.type_name.as_ref().unwrap().ends_with("Wrapped"), "{failure:?}");
    assert!(run.output.is_none());
    assert!(run.started_at >= bench.record(job.id()).await.created_at);
}

async fn runs_of<T>(bench: &Bench, job: &jobs_runtime::JobHandle<T>) -> usize {
    bench.client().history(job.id()).await.unwrap().runs.len()
}

fn assert_about(seconds: u64, expected: Duration) {
    let expected = expected.as_secs();
    assert!((expected..expected + SLACK).contains(&seconds), "{seconds} s, not {expected} s");
}
