//! Fire and forget, and jobs that wait for their time.

use std::future::{IntoFuture, poll_fn};
use std::task::Poll;
use std::time::Duration;

use chrono::Utc;
use jobs_runtime::{Error, JobState};
use jobs_tests::Bench;

use super::jobs::{Action, double, perform};
use super::times::{HOUR, SECOND};

pub(crate) async fn a_job_runs_once_and_its_output_is_stored(bench: Bench) {
    let _runtime = bench.start().await;
    let job = perform::enqueue(Action::say("hello")).await.unwrap();
    assert_eq!(job.wait().await.unwrap(), "hello");
    assert_eq!(bench.state(&job).await, JobState::Succeeded);
    let runs = bench.client().history(job.id()).await.unwrap().runs;
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].output.as_deref(), Some("\"hello\""));
    assert_eq!(bench.probe().runs(job.id()), 1);
}

pub(crate) async fn a_job_enqueued_without_a_server_waits_for_one(bench: Bench) {
    let job = perform::enqueue(Action::ok()).await.unwrap();
    assert_eq!(bench.state(&job).await, JobState::Enqueued);
    let _runtime = bench.start().await;
    assert_eq!(job.wait().await.unwrap(), "done");
}

pub(crate) async fn a_record_shows_what_was_asked_for(bench: Bench) {
    let request =
        perform::job(Action::ok()).queue("last").priority(7).tag("blue").meta("by", "Ada");
    let id = request.id();
    let job = request.enqueue().await.unwrap();
    assert_eq!(job.id(), id);
    let record = bench.record(id).await;
    assert_eq!((record.kind.as_str(), record.queue.as_str()), ("perform", "last"));
    assert_eq!(record.priority, 7);
    assert_eq!(record.args, r#"{"action":{"Say":"done"}}"#);
    let options = record.options.unwrap();
    assert!(options.contains("blue") && options.contains("Ada"), "{options}");
}

pub(crate) async fn a_delayed_job_starts_when_its_delay_is_over(bench: Bench) {
    let _runtime = bench.start().await;
    let job = perform::schedule_in(HOUR, Action::ok()).await.unwrap();
    let record = bench.record(job.id()).await;
    assert_eq!(record.placement.state, JobState::Scheduled);
    let delay = (record.due_at.unwrap() - record.created_at).to_std().unwrap();
    assert!((HOUR..HOUR + 60 * SECOND).contains(&delay), "{delay:?}");
    bench.advance(HOUR / 2).await;
    perform::enqueue(Action::ok()).await.unwrap().wait().await.unwrap();
    assert_eq!(bench.state(&job).await, JobState::Scheduled);
    bench.advance(HOUR / 2).await;
    assert_eq!(job.wait().await.unwrap(), "done");
}

pub(crate) async fn a_job_scheduled_at_an_instant_waits_for_it(bench: Bench) {
    let _runtime = bench.start().await;
    let instant = Utc::now() + 2 * HOUR;
    let job = perform::schedule_at(instant, Action::ok()).await.unwrap();
    let due_at = bench.record(job.id()).await.due_at.unwrap();
    assert_eq!(due_at.timestamp_micros(), instant.timestamp_micros());
    bench.advance(3 * HOUR).await;
    assert_eq!(job.wait().await.unwrap(), "done");
}

pub(crate) async fn a_past_instant_and_no_delay_are_due_at_once(bench: Bench) {
    let past = perform::schedule_at(Utc::now() - HOUR, Action::ok()).await.unwrap();
    let now = perform::schedule_in(Duration::ZERO, Action::ok()).await.unwrap();
    for job in [past, now] {
        assert_eq!(bench.state(&job).await, JobState::Enqueued);
    }
}

pub(crate) async fn due_jobs_start_in_the_order_of_their_times(bench: Bench) {
    for (hours, text) in [(3, "third"), (1, "first"), (2, "second")] {
        perform::schedule_in(hours * HOUR, Action::say(text)).await.unwrap();
    }
    bench.advance(4 * HOUR).await;
    let _runtime = bench.runtime().workers(1).start().await.unwrap();
    for text in ["first", "second", "third"] {
        assert_eq!(bench.heard().await.text, text);
    }
}

pub(crate) async fn a_bulk_enqueue_stores_all_in_order(bench: Bench) {
    let jobs = bench.client().enqueue_all((0..1_000).map(double::job)).await.unwrap();
    assert_eq!(jobs.len(), 1_000);
    assert_eq!(bench.client().counts().await.unwrap().enqueued, 1_000);
    let runtime = bench.start().await;
    runtime.drain().await.unwrap();
    assert_eq!(bench.client().counts().await.unwrap().succeeded, 1_000);
    assert_eq!(jobs[7].wait().await.unwrap(), 14);
    assert_eq!(jobs[999].wait().await.unwrap(), 1_998);
}

pub(crate) async fn a_bulk_enqueue_stores_all_or_nothing(bench: Bench) {
    let requests = [double::job(1), double::job(2).queue("Not A Queue"), double::job(3)];
    let error = bench.client().enqueue_all(requests).await.unwrap_err();
    assert!(matches!(error, Error::InvalidQueue { .. }), "{error}");

    let nobody = jobs_runtime::JobId::new();
    let requests = [double::job(1), double::job(2).after(nobody)];
    let error = bench.client().enqueue_all(requests).await.unwrap_err();
    assert!(matches!(error, Error::UnknownParent { parent, .. } if parent == nobody), "{error}");
    assert!(error.to_string().contains(&nobody.to_string()), "{error}");
    assert_eq!(bench.client().counts().await.unwrap(), jobs_runtime::Counts::default());
}

pub(crate) async fn many_tasks_enqueue_at_once_and_each_job_runs_once(bench: Bench) {
    let runtime = bench.start().await;
    let tasks: Vec<_> = (0..200).map(|n| tokio::spawn(double::enqueue(n).into_future())).collect();
    for (n, task) in (0u32..).zip(tasks) {
        assert_eq!(task.await.unwrap().unwrap().wait().await.unwrap(), 2 * n);
    }
    runtime.drain().await.unwrap();
    assert_eq!(bench.client().counts().await.unwrap().succeeded, 200);
}

pub(crate) async fn an_enqueue_that_is_not_polled_holds_up_no_other(bench: Bench) {
    // One that is written before its first poll ends, by a thread that was quicker, shows nothing.
    let mut first = perform::enqueue(Action::ok()).into_future();
    while poll_fn(|cx| Poll::Ready(first.as_mut().poll(cx).is_ready())).await {
        first = perform::enqueue(Action::ok()).into_future();
    }
    let second = perform::enqueue(Action::ok()).await.unwrap();
    assert_eq!(bench.state(&second).await, JobState::Enqueued);
    let first = first.await.unwrap();
    assert_eq!(bench.state(&first).await, JobState::Enqueued);
}

pub(crate) async fn recent_jobs_are_listed_newest_first(bench: Bench) {
    let mut ids = Vec::new();
    for n in 0..3 {
        ids.push(double::enqueue(n).await.unwrap().id());
    }
    ids.reverse();
    let recent = bench.client().recent(2).await.unwrap();
    let recent: Vec<_> = recent.into_iter().map(|record| record.id).collect();
    assert_eq!(recent, ids[..2]);
}
