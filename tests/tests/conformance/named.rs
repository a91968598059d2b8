//! Jobs that are named by their kind, and what else tools without the code of the jobs need.

use std::time::Duration;

use chrono::Utc;
use jobs_runtime::{Error, JobState, NamedJob};
use jobs_tests::Bench;
use serde_json::json;

use super::jobs::{Action, perform};
use super::times::HOUR;

pub(crate) async fn a_job_is_enqueued_by_the_name_of_its_kind(bench: Bench) {
    let _runtime = bench.start().await;
    let job = NamedJob::new("double", r#"{"n": 21}"#);
    let job = job.priority(3).tag("by hand").enqueue_with(bench.client()).await.unwrap();
    assert_eq!(job.wait().await.unwrap(), json!(42));
    let record = bench.record(job.id()).await;
    assert_eq!((record.queue.as_str(), record.priority), ("default", 3));
    assert_eq!(record.tags, ["by hand"]);
}

pub(crate) async fn a_named_job_waits_for_its_time_and_hides_what_it_is_told_to(bench: Bench) {
    let sign_in = || NamedJob::new("sign_in", r#"{"user":7,"pass":"x"}"#).queue("default");
    let due = Utc::now() + HOUR;
    let at = sign_in().at(due).redact("pass").enqueue_with(bench.client()).await.unwrap();
    let record = bench.record(at.id()).await;
    assert_eq!(record.placement.state, JobState::Scheduled);
    assert_eq!(record.due_at.unwrap().timestamp(), due.timestamp());
    assert_eq!(record.args, r#"{"user":7,"pass":"•••"}"#);
    let delayed = sign_in().delay(HOUR).enqueue_with(bench.client()).await.unwrap();
    assert_eq!(bench.state(&delayed).await, JobState::Scheduled);
    let _runtime = bench.start().await;
    bench.advance(2 * HOUR).await;
    assert_eq!(at.wait().await.unwrap(), json!(8));
}

pub(crate) async fn a_kind_that_nobody_has_announced_needs_a_queue(bench: Bench) {
    let runtime = bench.start().await;
    runtime.shutdown().await.unwrap();
    let mistyped = || NamedJob::new("dubble", "{}");
    let error = mistyped().enqueue_with(bench.client()).await.unwrap_err();
    assert!(matches!(error, Error::UnknownKind { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("`dubble`") && text.contains("queue"), "{text}");
    let job = mistyped().queue("later").enqueue_with(bench.client()).await.unwrap();
    assert_eq!(bench.record(job.id()).await.queue, "later");
}

pub(crate) async fn a_named_job_is_checked_like_any_other(bench: Bench) {
    let named = |args: &str| NamedJob::new("double", args).queue("default");
    let error = named("{n: 1}").enqueue_with(bench.client()).await.unwrap_err();
    assert!(matches!(error, Error::InvalidArgs { .. }), "{error:?}");
    assert!(error.to_string().contains("`double`"), "{error}");
    let error = named("{}").queue("No Queue").enqueue_with(bench.client()).await.unwrap_err();
    assert!(matches!(error, Error::InvalidQueue { .. }), "{error:?}");
    let error = named("{}").tag("").enqueue_with(bench.client()).await.unwrap_err();
    assert!(matches!(error, Error::InvalidTag { .. }), "{error:?}");
    let large = format!("\"{}\"", "x".repeat(2 * 1024 * 1024));
    let error = named(&large).enqueue_with(bench.client()).await.unwrap_err();
    assert!(matches!(error, Error::ArgsTooLarge { .. }), "{error:?}");
}

pub(crate) async fn old_jobs_can_be_pruned_by_hand(bench: Bench) {
    let runtime = bench.start().await;
    let old = perform::enqueue(Action::ok()).await.unwrap();
    let failed = perform::job(Action::fail()).retries(0).enqueue().await.unwrap();
    let deleted = perform::schedule_in(HOUR, Action::ok()).await.unwrap();
    old.wait().await.unwrap();
    failed.wait().await.unwrap_err();
    deleted.cancel().await.unwrap();
    bench.advance(2 * HOUR).await;
    let new = perform::enqueue(Action::ok()).await.unwrap();
    new.wait().await.unwrap();
    runtime.shutdown().await.unwrap();

    assert_eq!(bench.client().prune(3 * HOUR).await.unwrap(), 0);
    assert_eq!(bench.client().prune(HOUR).await.unwrap(), 1);
    assert!(bench.find(old.id()).await.is_none());
    for kept in [failed.id(), deleted.id(), new.id()] {
        bench.record(kept).await;
    }
    bench.advance(Duration::from_secs(25 * 3600)).await;
    assert_eq!(bench.client().prune(100 * HOUR).await.unwrap(), 1);
    assert!(bench.find(deleted.id()).await.is_none());
}
