//! Limits that hold across all servers.

use std::time::Duration;

use jobs_runtime::prelude::*;
use jobs_runtime::{Acted, Error, JobRecord, JobRequest, JobState, ThrottleKind, ThrottleRecord};
use jobs_tests::Bench;

use super::jobs::{Action, Perform, perform, post};
use super::times::{HOUR, SECOND};

/// A job that runs until the gate of this name is open, under a limit for the key "k".
fn gated(gate: &str, limit: u32) -> JobRequest<Perform> {
    perform::job(Action::gate(gate)).throttle(Throttle::concurrency("k", limit))
}

async fn throttle(bench: &Bench, key: &str) -> Option<ThrottleRecord> {
    let throttles = bench.client().throttles().await.unwrap();
    throttles.into_iter().find(|throttle| throttle.key == key)
}

/// Waits until so many jobs have a slot of the throttle, or count in its window, and so many wait.
async fn until(bench: &Bench, key: &str, used: u64, waiting: u64) {
    bench
        .until(async || {
            let found = throttle(bench, key).await;
            found.is_some_and(|found| (found.used, found.waiting) == (used, waiting))
        })
        .await;
}

pub(crate) async fn no_more_run_at_once_than_the_limit_says(bench: Bench) {
    let gates = ["a", "b", "c", "d"];
    let jobs = bench.client().enqueue_all(gates.map(|gate| gated(gate, 2))).await.unwrap();
    let runtime = bench.start().await;
    let started = [bench.hear("started").await.job, bench.hear("started").await.job];
    assert!(started.contains(&jobs[0].id()) && started.contains(&jobs[1].id()));
    until(&bench, "k", 2, 2).await;
    bench.probe().open("b");
    assert_eq!(bench.hear("started").await.job, jobs[2].id());
    bench.probe().open("a");
    assert_eq!(bench.hear("started").await.job, jobs[3].id());
    bench.probe().open("c");
    bench.probe().open("d");
    runtime.drain().await.unwrap();
    assert_eq!(bench.client().counts().await.unwrap().succeeded, 4);
    until(&bench, "k", 0, 0).await;
}

pub(crate) async fn a_job_that_waits_for_a_slot_is_enqueued_and_holds_no_worker(bench: Bench) {
    let _runtime = bench.runtime().workers(2).start().await.unwrap();
    let first = gated("a", 1).enqueue().await.unwrap();
    bench.hear("started").await;
    let second = gated("b", 1).enqueue().await.unwrap();
    until(&bench, "k", 1, 1).await;
    let record = bench.record(second.id()).await;
    assert_eq!(record.placement.state, JobState::Enqueued);
    let counts = bench.client().counts().await.unwrap();
    assert_eq!((counts.enqueued, counts.processing), (1, 1));
    perform::enqueue(Action::ok()).await.unwrap().wait().await.unwrap();
    bench.probe().open("a");
    bench.probe().open("b");
    first.wait().await.unwrap();
    second.wait().await.unwrap();
}

pub(crate) async fn a_key_is_shared_by_all_kinds_that_name_it(bench: Bench) {
    let _runtime = bench.start().await;
    let first = post::enqueue(7, "post").await.unwrap();
    assert_eq!(bench.hear("started").await.job, first.id());
    let throttled = perform::job(Action::ok()).throttle(Throttle::concurrency("ledger-7", 1));
    let second = throttled.enqueue().await.unwrap();
    let other = post::enqueue(8, "other").await.unwrap();
    assert_eq!(bench.hear("started").await.job, other.id());
    until(&bench, "ledger-7", 1, 1).await;
    bench.probe().open("post");
    bench.probe().open("other");
    assert_eq!(second.wait().await.unwrap(), "done");
    other.wait().await.unwrap();
}

pub(crate) async fn a_run_frees_its_slot_however_it_ends(bench: Bench) {
    let _runtime = bench.start().await;
    let mutex = || Throttle::concurrency("k", 1);
    for action in [
        Action::fail(),
        Action::Fatal("no".to_owned()),
        Action::Panic("no".to_owned()),
        Action::Snooze(HOUR),
        Action::RetryAfter(HOUR),
    ] {
        let job = perform::job(action).throttle(mutex()).enqueue().await.unwrap();
        let next = perform::job(Action::ok()).throttle(mutex()).enqueue().await.unwrap();
        assert_eq!(next.wait().await.unwrap(), "done");
        let state = bench.state(&job).await;
        assert!(matches!(state, JobState::Failed | JobState::Scheduled), "{state:?}");
    }
    until(&bench, "k", 0, 0).await;
}

pub(crate) async fn a_retry_has_to_take_a_slot_again(bench: Bench) {
    let _runtime = bench.start().await;
    let retry = perform::job(Action::FailBefore(2)).throttle(Throttle::concurrency("k", 1));
    let retry = retry.backoff(Backoff::Fixed(HOUR)).enqueue().await.unwrap();
    bench.until_state(&retry, JobState::Scheduled).await;
    gated("a", 1).enqueue().await.unwrap();
    bench.hear("started").await;
    bench.advance(HOUR).await;
    until(&bench, "k", 1, 1).await;
    bench.probe().open("a");
    assert_eq!(retry.wait().await.unwrap(), "attempt 2");
}

pub(crate) async fn a_job_takes_all_of_its_throttles_or_none(bench: Bench) {
    let _runtime = bench.start().await;
    gated("a", 1).enqueue().await.unwrap();
    bench.hear("started").await;
    let both = perform::job(Action::ok())
        .throttle(Throttle::concurrency("other", 1))
        .throttle(Throttle::concurrency("k", 1));
    let both = both.enqueue().await.unwrap();
    until(&bench, "k", 1, 1).await;
    until(&bench, "other", 0, 0).await;
    let other = perform::job(Action::ok()).throttle(Throttle::concurrency("other", 1));
    assert_eq!(other.enqueue().await.unwrap().wait().await.unwrap(), "done");
    assert_eq!(bench.state(&both).await, JobState::Enqueued);
    bench.probe().open("a");
    assert_eq!(both.wait().await.unwrap(), "done");
}

pub(crate) async fn a_job_that_waits_can_be_deleted_and_rescheduled(bench: Bench) {
    let _runtime = bench.start().await;
    gated("a", 1).enqueue().await.unwrap();
    bench.hear("started").await;
    let deleted = gated("b", 1).enqueue().await.unwrap();
    let later = gated("a", 1).enqueue().await.unwrap();
    let last = gated("a", 1).enqueue().await.unwrap();
    until(&bench, "k", 1, 3).await;
    let client = bench.client();
    assert!(matches!(client.requeue(last.id(), None).await.unwrap(), Acted::Refused(_)));
    let seen = Some(bench.record(deleted.id()).await.placement);
    assert_eq!(client.delete(deleted.id(), seen).await.unwrap(), Acted::Done);
    let at = chrono::Utc::now() + HOUR;
    assert_eq!(client.reschedule(later.id(), at, None).await.unwrap(), Acted::Done);
    until(&bench, "k", 1, 1).await;
    bench.probe().open("a");
    last.wait().await.unwrap();
    assert_eq!(bench.state(&deleted).await, JobState::Deleted);
    assert_eq!(bench.state(&later).await, JobState::Scheduled);
    assert_eq!(client.requeue(deleted.id(), None).await.unwrap(), Acted::Done);
    bench.probe().open("b");
    deleted.wait().await.unwrap();
}

pub(crate) async fn a_running_job_that_is_deleted_keeps_its_slot_until_it_stops(bench: Bench) {
    let _runtime = bench.start().await;
    let running = perform::job(Action::FinishWhenTold).throttle(Throttle::concurrency("k", 1));
    let running = running.enqueue().await.unwrap();
    bench.hear("started").await;
    let next = gated("a", 1).enqueue().await.unwrap();
    until(&bench, "k", 1, 1).await;
    assert_eq!(bench.client().delete(running.id(), None).await.unwrap(), Acted::Done);
    assert_eq!(bench.hear("started").await.job, next.id());
    bench.probe().open("a");
    next.wait().await.unwrap();
    assert_eq!(bench.state(&running).await, JobState::Deleted);
    until(&bench, "k", 0, 0).await;
}

pub(crate) async fn a_running_job_that_is_requeued_waits_for_its_own_slot(bench: Bench) {
    let _runtime = bench.start().await;
    let job = perform::job(Action::UntilTold).throttle(Throttle::concurrency("k", 1));
    let job = job.enqueue().await.unwrap();
    bench.hear("started").await;
    assert_eq!(bench.client().requeue(job.id(), None).await.unwrap(), Acted::Done);
    let again = bench.hear("started").await;
    assert_eq!((again.job, bench.probe().runs(job.id())), (job.id(), 2));
    until(&bench, "k", 1, 0).await;
    bench.client().delete(job.id(), None).await.unwrap();
    until(&bench, "k", 0, 0).await;
}

pub(crate) async fn a_paused_queue_takes_no_slot(bench: Bench) {
    let _runtime = bench.start().await;
    gated("a", 1).enqueue().await.unwrap();
    bench.hear("started").await;
    let paused = gated("a", 1).queue("first").enqueue().await.unwrap();
    let behind = gated("a", 1).enqueue().await.unwrap();
    until(&bench, "k", 1, 2).await;
    bench.client().pause_queue("first").await.unwrap();
    bench.probe().open("a");
    behind.wait().await.unwrap();
    until(&bench, "k", 0, 1).await;
    assert_eq!(bench.state(&paused).await, JobState::Enqueued);
    bench.client().resume_queue("first").await.unwrap();
    paused.wait().await.unwrap();
}

pub(crate) async fn a_limit_can_be_changed_at_run_time(bench: Bench) {
    let gates = ["a", "b", "c", "d"];
    bench.client().set_limit("k", 1).await.unwrap();
    let jobs = bench.client().enqueue_all(gates.map(|gate| gated(gate, 2))).await.unwrap();
    let _runtime = bench.start().await;
    assert_eq!(bench.hear("started").await.job, jobs[0].id());
    until(&bench, "k", 1, 3).await;
    let found = throttle(&bench, "k").await.unwrap();
    assert_eq!((found.limit, found.declared, found.kind), (1, 2, ThrottleKind::Concurrency));
    bench.client().set_limit("k", 3).await.unwrap();
    let started = [bench.hear("started").await.job, bench.hear("started").await.job];
    assert!(started.contains(&jobs[1].id()) && started.contains(&jobs[2].id()));
    until(&bench, "k", 3, 1).await;
    assert!(bench.client().reset_limit("k").await.unwrap());
    bench.probe().open("a");
    until(&bench, "k", 2, 1).await;
    bench.probe().open("b");
    assert_eq!(bench.hear("started").await.job, jobs[3].id());
    bench.probe().open("c");
    bench.probe().open("d");
    jobs[3].wait().await.unwrap();
    assert!(!bench.client().reset_limit("unknown").await.unwrap());
}

pub(crate) async fn a_limit_of_nothing_stops_all(bench: Bench) {
    let _runtime = bench.start().await;
    bench.client().set_limit("k", 0).await.unwrap();
    let job = gated("a", 2).enqueue().await.unwrap();
    until(&bench, "k", 0, 1).await;
    bench.probe().open("a");
    bench.client().set_limit("k", 1).await.unwrap();
    job.wait().await.unwrap();
}

pub(crate) async fn a_new_declaration_holds_from_the_next_job_that_names_it(bench: Bench) {
    let _runtime = bench.start().await;
    gated("a", 1).enqueue().await.unwrap();
    bench.hear("started").await;
    let second = gated("b", 2).enqueue().await.unwrap();
    assert_eq!(bench.hear("started").await.job, second.id());
    bench.probe().open("a");
    bench.probe().open("b");
    second.wait().await.unwrap();
}

pub(crate) async fn a_job_without_a_limit_is_found_behind_thousands_that_wait(bench: Bench) {
    let _runtime = bench.start().await;
    let blocked = gated("a", 1).enqueue().await.unwrap();
    bench.hear("started").await;
    let crowd = (0..3_000).map(|_| gated("a", 1));
    bench.client().enqueue_all(crowd).await.unwrap();
    let free = perform::job(Action::ok()).enqueue().await.unwrap();
    assert_eq!(free.wait().await.unwrap(), "done");
    bench.client().set_limit("k", 100).await.unwrap();
    bench.probe().open("a");
    blocked.wait().await.unwrap();
    bench.until(async || bench.client().counts().await.unwrap().succeeded == 3_002).await;
}

pub(crate) async fn the_slots_of_a_server_that_died_come_free_with_its_jobs(bench: Bench) {
    let dying = bench.start().await;
    let held = gated("a", 1).enqueue().await.unwrap();
    bench.hear("started").await;
    let waiting = gated("b", 1).enqueue().await.unwrap();
    until(&bench, "k", 1, 1).await;
    drop(dying);
    bench.advance(HOUR).await;
    let rescuer = bench.runtime().heartbeat_every(SECOND / 20).dead_after(SECOND);
    let _rescuer = rescuer.start().await.unwrap();
    // Either the one that lost its server is run again, or the one that waited.
    bench.hear("started").await;
    bench.probe().open("a");
    bench.probe().open("b");
    waiting.wait().await.unwrap();
    held.wait().await.unwrap();
    until(&bench, "k", 0, 0).await;
}

async fn say_under(bench: &Bench, throttle: Throttle, jobs: usize) {
    let requests = (0..jobs).map(|_| perform::job(Action::say("ran")).throttle(throttle.clone()));
    bench.client().enqueue_all(requests).await.unwrap();
}

async fn hear_runs(bench: &Bench, runs: usize) {
    for _ in 0..runs {
        bench.hear("ran").await;
    }
}

pub(crate) async fn a_fixed_window_lets_through_what_it_says(bench: Bench) {
    let _runtime = bench.start().await;
    say_under(&bench, Throttle::fixed("k", 2, 100 * HOUR), 5).await;
    hear_runs(&bench, 2).await;
    until(&bench, "k", 2, 3).await;
    bench.advance(100 * HOUR).await;
    hear_runs(&bench, 2).await;
    until(&bench, "k", 2, 1).await;
    bench.advance(100 * HOUR).await;
    hear_runs(&bench, 1).await;
    until(&bench, "k", 1, 0).await;
}

pub(crate) async fn a_sliding_window_counts_from_each_start(bench: Bench) {
    let _runtime = bench.start().await;
    let throttle = Throttle::sliding("k", 2, 2 * HOUR);
    say_under(&bench, throttle.clone(), 1).await;
    hear_runs(&bench, 1).await;
    bench.advance(HOUR).await;
    say_under(&bench, throttle, 3).await;
    hear_runs(&bench, 1).await;
    until(&bench, "k", 2, 2).await;
    bench.advance(HOUR).await;
    hear_runs(&bench, 1).await;
    until(&bench, "k", 2, 1).await;
    bench.advance(HOUR).await;
    hear_runs(&bench, 1).await;
    until(&bench, "k", 2, 0).await;
}

pub(crate) async fn a_bucket_is_refilled_evenly(bench: Bench) {
    let _runtime = bench.start().await;
    say_under(&bench, Throttle::bucket("k", 4, 4 * HOUR), 7).await;
    hear_runs(&bench, 4).await;
    until(&bench, "k", 4, 3).await;
    bench.advance(HOUR + HOUR / 2).await;
    hear_runs(&bench, 1).await;
    until(&bench, "k", 4, 2).await;
    bench.advance(10 * HOUR).await;
    hear_runs(&bench, 2).await;
    until(&bench, "k", 2, 0).await;
}

pub(crate) async fn what_waits_for_a_window_starts_when_it_opens(bench: Bench) {
    let _runtime = bench.start().await;
    say_under(&bench, Throttle::sliding("k", 10, SECOND), 30).await;
    let began = std::time::Instant::now();
    hear_runs(&bench, 30).await;
    assert!(began.elapsed() >= 2 * SECOND - Duration::from_millis(200), "{:?}", began.elapsed());
}

pub(crate) async fn a_throttle_that_cannot_be_kept_is_refused(bench: Bench) {
    for (throttle, word) in [
        (Throttle::concurrency("", 1), "200 bytes"),
        (Throttle::concurrency("k".repeat(201), 1), "200 bytes"),
        (Throttle::concurrency("k", 0), "limit"),
        (Throttle::sliding("k", 1, Duration::ZERO), "millisecond"),
        (Throttle::fixed("k", 1, 1_000_000 * 24 * HOUR), "366 days"),
    ] {
        let key = throttle.key().to_owned();
        let error = perform::job(Action::ok()).throttle(throttle).enqueue().await.unwrap_err();
        assert!(matches!(error, Error::InvalidThrottle { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains(word) && text.contains(&key), "{text}");
    }
    let twice = perform::job(Action::ok())
        .throttle(Throttle::concurrency("k", 1))
        .throttle(Throttle::bucket("k", 1, SECOND));
    assert!(twice.enqueue().await.unwrap_err().to_string().contains("twice"));
    let unfair = perform::job(Action::ok()).fair_by("k".repeat(201)).enqueue().await;
    assert!(matches!(unfair.unwrap_err(), Error::InvalidFairKey { .. }));
    assert!(bench.client().set_limit("", 1).await.is_err());
    assert!(bench.client().throttles().await.unwrap().is_empty());
}

pub(crate) async fn a_throttle_that_nothing_uses_is_forgotten(bench: Bench) {
    let _runtime = bench.runtime().sweep_every(SECOND / 20).start().await.unwrap();
    gated("a", 1).enqueue().await.unwrap();
    bench.hear("started").await;
    let rate = perform::job(Action::ok()).throttle(Throttle::sliding("rate", 1, 10 * HOUR));
    rate.enqueue().await.unwrap().wait().await.unwrap();
    bench.client().set_limit("kept", 3).await.unwrap();
    let idle = perform::job(Action::ok()).throttle(Throttle::concurrency("idle", 1));
    idle.enqueue().await.unwrap().wait().await.unwrap();
    until(&bench, "idle", 0, 0).await;
    bench.advance(2 * HOUR).await;
    bench.until(async || throttle(&bench, "idle").await.is_none()).await;
    let left = bench.client().throttles().await.unwrap();
    let left: Vec<&str> = left.iter().map(|throttle| throttle.key.as_str()).collect();
    assert_eq!(left, ["k", "kept", "rate"]);
    bench.probe().open("a");
    bench.advance(20 * HOUR).await;
    bench.until(async || bench.client().throttles().await.unwrap().len() == 1).await;
}

pub(crate) async fn a_throttle_of_the_request_goes_before_that_of_the_kind(bench: Bench) {
    let own = Throttle::concurrency("ledger-9", 5);
    let job = post::job(9, "post").throttle(own).enqueue().await.unwrap();
    let JobRecord { options, .. } = bench.record(job.id()).await;
    let options = options.unwrap();
    assert_eq!(options.matches("ledger-9").count(), 1);
    assert!(options.contains("\"limit\":5"), "{options}");
}
