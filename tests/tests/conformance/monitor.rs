//! What people look at beside single jobs.

use std::time::Duration;

use jobs_runtime::prelude::Backoff;
use jobs_runtime::{
    Batch, BatchNode, Client, Error, JobState, Misfire, NamedJob, RecurringPlan, Throttle, Trigger,
    Unique,
};
use jobs_tests::Bench;

use super::jobs::{Action, double, perform};
use super::times::{DAY, HOUR, SECOND};

pub(crate) async fn queues_tell_what_waits_in_them(bench: Bench) {
    let client = bench.client();
    assert!(client.queues().await.unwrap().is_empty());
    let first = double::job(1).queue("a").enqueue().await.unwrap();
    double::job(2).queue("a").enqueue().await.unwrap();
    double::job(3).queue("b").delay(HOUR).enqueue().await.unwrap();
    client.pause_queue("c").await.unwrap();
    let queues = client.queues().await.unwrap();
    let told: Vec<_> =
        queues.iter().map(|queue| (queue.name.as_str(), queue.waiting, queue.paused)).collect();
    assert_eq!(told, [("a", 2, false), ("c", 0, true)]);
    assert_eq!(client.waiting_queues().await.unwrap(), ["a"]);
    assert_eq!(queues[0].oldest, Some(bench.record(first.id()).await.created_at));
    assert_eq!(queues[1].oldest, None);
}

pub(crate) async fn a_summary_tells_the_states_and_the_queues(bench: Bench) {
    let client = bench.client();
    let runtime = bench.start().await;
    let failing = perform::job(Action::fail()).retries(0).enqueue().await.unwrap();
    failing.wait().await.unwrap_err();
    let limited = || perform::job(Action::gate("k")).throttle(Throttle::concurrency("k", 1));
    let first = limited().enqueue().await.unwrap();
    bench.until_state(&first, JobState::Processing).await;
    let second = limited().enqueue().await.unwrap();
    let throttled =
        async || client.queues().await.unwrap().iter().map(|q| q.throttled).sum::<u64>();
    bench.until(async || throttled().await == 1).await;
    for number in 0..3 {
        double::job(number).queue("unserved").enqueue().await.unwrap();
    }
    double::job(4).delay(HOUR).enqueue().await.unwrap();
    let summary = client.summary().await.unwrap();
    assert_eq!(summary.counts, client.counts().await.unwrap());
    assert_eq!(summary.queues, client.queues().await.unwrap());
    assert_eq!((summary.counts.enqueued, summary.counts.failed), (4, 1));
    bench.probe().open("k");
    first.wait().await.unwrap();
    second.wait().await.unwrap();
    runtime.shutdown().await.unwrap();
}

pub(crate) async fn the_latest_runs_are_found_however_many_were_written_at_once(bench: Bench) {
    let client = bench.client();
    let runtime = bench.start().await;
    // One by one, so that each is written by itself: then many at once.
    for number in 0..20 {
        double::enqueue(number).await.unwrap().wait().await.unwrap();
        let failing = perform::job(Action::fail()).retries(0).enqueue().await.unwrap();
        failing.wait().await.unwrap_err();
    }
    assert_eq!(client.latest_successes(100).await.unwrap().len(), 20);
    assert_eq!(client.latest_successes(12).await.unwrap().len(), 12);
    let failures = async |limit| client.latest_failures(limit).await.unwrap()["perform"];
    assert_eq!((failures(100).await, failures(12).await), (20, 12));
    let failing = |_| perform::job(Action::fail()).retries(0);
    for job in client.enqueue_all((0..50).map(failing)).await.unwrap() {
        job.wait().await.unwrap_err();
    }
    assert_eq!((failures(100).await, failures(60).await, failures(12).await), (70, 60, 12));
    runtime.shutdown().await.unwrap();
}

pub(crate) async fn queues_tell_what_runs_in_them_and_how_fast(bench: Bench) {
    let client = bench.client();
    assert!(client.queue_loads().await.unwrap().is_empty());
    let runtime = bench.start().await;
    for number in 0..3 {
        double::job(number).queue("first").enqueue().await.unwrap().wait().await.unwrap();
    }
    let kept = double::job(4).queue("last").keep(DAY).enqueue().await.unwrap();
    kept.wait().await.unwrap();
    let failing = perform::job(Action::fail()).retries(0).queue("last").enqueue().await.unwrap();
    failing.wait().await.unwrap_err();
    let one = perform::enqueue(Action::gate("one")).await.unwrap();
    bench.until_state(&one, JobState::Processing).await;
    let loads = client.queue_loads().await.unwrap();
    let told = |queue: &str| loads.get(queue).map(|load| (load.running, load.per_minute));
    assert_eq!(told("first"), Some((0, 3)));
    assert_eq!(told("last"), Some((0, 2)));
    assert_eq!(told("default"), Some((1, 0)));
    bench.probe().open("one");
    one.wait().await.unwrap();
    bench.advance(2 * HOUR).await;
    bench.until(async || client.queue_loads().await.unwrap().is_empty()).await;
    let many = (0..2_000).map(|n| double::job(n).queue(["first", "last"][n as usize % 2]));
    for job in client.enqueue_all(many).await.unwrap() {
        job.wait().await.unwrap();
    }
    let loads = client.queue_loads().await.unwrap();
    let all: u64 = loads.values().map(|load| load.per_minute).sum();
    assert!((1_998..=2_002).contains(&all), "{loads:?}");
    runtime.shutdown().await.unwrap();
}

pub(crate) async fn kinds_are_those_that_servers_have_announced(bench: Bench) {
    assert!(bench.client().kinds().await.unwrap().is_empty());
    let _runtime = bench.start().await;
    let kinds = bench.client().kinds().await.unwrap();
    let double = kinds.iter().find(|kind| kind.name == "double").unwrap();
    assert_eq!(double.queue, "default");
    let servers = bench.client().servers().await.unwrap();
    assert!(servers[0].kinds.contains(&"double".to_owned()), "{servers:?}");
}

pub(crate) async fn kinds_of_stored_jobs_are_counted_by_state(bench: Bench) {
    let client = bench.client();
    let lost = || NamedJob::new("lost", "{}").queue("b");
    let first = lost().enqueue_with(client).await.unwrap();
    lost().enqueue_with(client).await.unwrap();
    lost().delay(HOUR).enqueue_with(client).await.unwrap();
    double::job(1).queue("a").enqueue().await.unwrap();
    double::job(1).queue("b").enqueue().await.unwrap();
    perform::job(Action::ok()).after(&first).enqueue().await.unwrap();
    let stored = client.stored_kinds().await.unwrap();
    let told: Vec<_> = stored.iter().map(|of| (of.kind.as_str(), of.state, of.jobs)).collect();
    let expected = [
        ("double", JobState::Enqueued, 2),
        ("lost", JobState::Enqueued, 2),
        ("lost", JobState::Scheduled, 1),
        ("perform", JobState::Awaiting, 1),
    ];
    assert_eq!(told, expected);
}

pub(crate) async fn ended_runs_are_counted_by_the_time_of_their_end(bench: Bench) {
    let _runtime = bench.start().await;
    for number in 0..3 {
        double::enqueue(number).await.unwrap().wait().await.unwrap();
    }
    let failing = perform::job(Action::fail()).retries(0).enqueue().await.unwrap();
    failing.wait().await.unwrap_err();
    let kept = double::job(4).keep(DAY).enqueue().await.unwrap();
    kept.wait().await.unwrap();
    let grouped = Batch::new("b").add_all([double::job(5)]).enqueue().await.unwrap();
    grouped.wait().await.unwrap();
    let client = bench.client();
    let sum = |spans: &[jobs_runtime::Throughput]| {
        spans.iter().fold((0, 0), |sum, span| (sum.0 + span.succeeded, sum.1 + span.failed))
    };
    assert_eq!(sum(&client.throughput(HOUR, SECOND).await.unwrap()), (5, 1));
    assert_eq!(sum(&client.past_throughput(HOUR).await.unwrap()), (5, 1));
    let failures = client.latest_failures(10).await.unwrap();
    assert_eq!(failures.get("perform"), Some(&1));
    let runs = client.latest_successes(10).await.unwrap();
    assert_eq!(runs.iter().filter(|run| run.kind == "double").count(), 4, "{runs:?}");
    let last = client.last_runs(&[kept.id(), failing.id()]).await.unwrap();
    assert_eq!(last.len(), 2);
    assert!(last.iter().all(|run| run.started_at >= run.created_at && run.server.is_some()));
}

pub(crate) async fn spans_that_have_passed_are_counted_once_and_kept(bench: Bench) {
    if bench.place().is_private() {
        return;
    }
    let runtime = bench.runtime().sweep_every(Duration::from_millis(20)).start().await.unwrap();
    double::enqueue(1).await.unwrap().wait().await.unwrap();
    bench.advance(HOUR).await;
    double::enqueue(2).await.unwrap().wait().await.unwrap();
    bench.advance(HOUR).await;
    // A leap of the clock between the count and the removal would lose what no real clock does.
    let own = tokio::sync::Mutex::new(bench.own().await);
    let counted = async || own.lock().await.number("SELECT count(*) FROM {p}throughput").await;
    bench.until(async || counted().await == 2).await;
    bench.advance(2 * DAY).await;
    let client = bench.client();
    bench.until(async || client.counts().await.unwrap().succeeded == 0).await;
    let past = client.past_throughput(3 * DAY).await.unwrap();
    assert_eq!(past.iter().map(|span| span.succeeded).collect::<Vec<_>>(), [1, 1]);
    assert!(past[1].at - past[0].at >= chrono::TimeDelta::minutes(50));
    runtime.shutdown().await.unwrap();
}

pub(crate) async fn a_busy_server_says_how_many_jobs_it_has(bench: Bench) {
    let _runtime = bench.start().await;
    let one = perform::enqueue(Action::gate("one")).await.unwrap();
    bench.until_state(&one, JobState::Processing).await;
    let server = bench.client().servers().await.unwrap()[0].id;
    bench.until(async || bench.client().busy().await.unwrap().get(&server) == Some(&1)).await;
    bench.probe().open("one");
    one.wait().await.unwrap();
    bench.until(async || bench.client().busy().await.unwrap().is_empty()).await;
}

pub(crate) async fn a_job_in_hand_says_who_has_it(bench: Bench) {
    let client = bench.client();
    let waits = double::job(1).queue("unserved").enqueue().await.unwrap();
    let runtime = bench.start().await;
    let before = client.recent(1).await.unwrap()[0].created_at;
    let one = perform::enqueue(Action::gate("one")).await.unwrap();
    bench.until_state(&one, JobState::Processing).await;
    let jobs = [bench.record(one.id()).await, bench.record(waits.id()).await];
    let holders = client.holders(&jobs).await.unwrap();
    assert_eq!(holders.len(), 1, "{holders:?}");
    let holder = holders[&one.id()];
    assert_eq!(holder.server, runtime.server_id());
    assert!(holder.since >= before, "{holder:?}");
    bench.probe().open("one");
    one.wait().await.unwrap();
    bench.until(async || client.holders(&jobs).await.unwrap().is_empty()).await;
}

pub(crate) async fn latency_counts_from_when_a_job_was_due(bench: Bench) {
    let client = bench.client();
    let runtime = bench.start().await;
    let last = async |id| client.last_runs(&[id]).await.unwrap().remove(0);
    let plain = double::enqueue(1).await.unwrap();
    plain.wait().await.unwrap();
    assert_eq!(last(plain.id()).await.due_at, None);
    let delayed = double::job(1).delay(HOUR).enqueue().await.unwrap();
    let due = bench.record(delayed.id()).await.due_at;
    let retried = perform::job(Action::FailBefore(2)).backoff(Backoff::Fixed(2 * HOUR));
    let retried = retried.enqueue().await.unwrap();
    bench.until_state(&retried, JobState::Scheduled).await;
    bench.advance(HOUR).await;
    delayed.wait().await.unwrap();
    let run = last(delayed.id()).await;
    assert_eq!(run.due_at, due);
    assert!(run.latency() < HOUR / 2, "{run:?}");
    let due = bench.record(retried.id()).await.due_at;
    bench.advance(HOUR).await;
    retried.wait().await.unwrap();
    let run = last(retried.id()).await;
    assert_eq!((run.run, run.due_at), (1, due));
    assert!(run.latency() < HOUR / 2, "{run:?}");
    runtime.shutdown().await.unwrap();
}

pub(crate) async fn what_hangs_together_is_told(bench: Bench) {
    let client = bench.client();
    let parent = double::enqueue(1).await.unwrap();
    let child = perform::job(Action::ok()).after_failed(&parent).enqueue().await.unwrap();
    let to = client.edges_to(&[child.id()]).await.unwrap();
    assert_eq!(client.edges_from(parent.id(), 10).await.unwrap(), to);
    assert_eq!((to[0].parent, to[0].trigger), (parent.id(), Trigger::Failed));
    assert!(!to[0].released);
    let batch = Batch::new("some").add_all((0..3).map(double::job)).enqueue().await.unwrap();
    let first = client.batch_members(batch.id(), None, 2).await.unwrap();
    let rest = client.batch_members(batch.id(), Some(first[1].position), 2).await.unwrap();
    assert_eq!((first.len(), rest.len()), (2, 1));
    let BatchNode::Job(job) = &rest[0].node else { panic!("{rest:?}") };
    assert_eq!(job.args, r#"{"n":2}"#);
    let unique = double::job(1).unique(Unique::key("only")).enqueue().await.unwrap();
    assert_eq!(client.unique_key(unique.id()).await.unwrap().as_deref(), Some("only"));
    assert_eq!(client.unique_key(parent.id()).await.unwrap(), None);
}

pub(crate) async fn a_job_is_enqueued_again_with_other_arguments(bench: Bench) {
    let hidden = NamedJob::new("sign_in", r#"{"user":7,"pass":"x"}"#).queue("q").priority(3);
    let hidden = hidden.redact("pass").tag("t").enqueue_with(bench.client()).await.unwrap();
    let args = r#"{"user":8,"pass":"•••"}"#;
    let again = bench.client().enqueue_again(hidden.id(), args).await.unwrap().unwrap();
    let record = bench.record(again.id()).await;
    assert_eq!((record.queue.as_str(), record.priority), ("q", 3));
    assert_eq!((record.args.as_str(), record.tags.as_slice()), (args, ["t".to_owned()].as_slice()));
    if !bench.place().is_private() {
        let mut own = bench.own().await;
        let stored = own.number("SELECT count(*) FROM {p}job WHERE args LIKE '%\"x\"%'").await;
        assert_eq!(stored, 2);
    }
    let error = bench.client().enqueue_again(hidden.id(), "{").await.unwrap_err();
    assert!(matches!(error, Error::InvalidArgs { .. }), "{error:?}");
    let gone = jobs_runtime::JobId::new();
    assert!(bench.client().enqueue_again(gone, "{}").await.unwrap().is_none());
}

pub(crate) async fn a_schedule_is_written_without_the_code_of_its_jobs(bench: Bench) {
    let recurring = bench.client().recurring();
    let mut plan = RecurringPlan::new("nightly", "double", "0 3 * * *");
    plan.args = r#"{"n":1}"#.to_owned();
    let error = recurring.put(plan.clone()).await.unwrap_err();
    assert!(matches!(error, Error::UnknownKind { .. }), "{error:?}");
    plan.queue = Some("default".to_owned());
    recurring.put(plan.clone()).await.unwrap();
    recurring.pause("nightly").await.unwrap();
    plan.cron = "30 4 * * *".to_owned();
    plan.misfire = Misfire::Skip;
    recurring.put(plan.clone()).await.unwrap();
    let stored = recurring.list().await.unwrap().remove(0);
    assert_eq!((stored.cron.as_str(), stored.paused), ("30 4 * * *", true));
    assert_eq!((stored.args.as_str(), stored.misfire), (r#"{"n":1}"#, Misfire::Skip));
    plan.cron = "61 4 * * *".to_owned();
    let error = recurring.put(plan).await.unwrap_err();
    assert!(matches!(error, Error::InvalidSchedule { .. }), "{error:?}");
    let _runtime = bench.start().await;
    let run = recurring.trigger("nightly").await.unwrap().unwrap();
    let client: &Client = bench.client();
    assert_eq!(client.handle::<u32>(run.id()).wait().await.unwrap(), 2);
}
