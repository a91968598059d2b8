//! Keys that take turns in one queue.

use std::collections::HashMap;

use jobs_runtime::JobRequest;
use jobs_runtime::prelude::*;
use jobs_tests::Bench;

use super::jobs::{Action, Perform, perform};
use super::times::HOUR;

fn of(tenant: &str) -> JobRequest<Perform> {
    perform::job(Action::say(tenant)).fair_by(tenant)
}

/// The number of the run, counted from 1, that was the last of each tenant.
async fn last_runs(bench: &Bench, runs: usize) -> HashMap<String, usize> {
    let mut last = HashMap::new();
    for run in 1..=runs {
        last.insert(bench.heard().await.text, run);
    }
    last
}

pub(crate) async fn a_few_jobs_do_not_wait_for_the_many_of_another_key(bench: Bench) {
    bench.client().enqueue_all((0..2_000).map(|_| of("many"))).await.unwrap();
    for _ in 0..10 {
        of("few").enqueue().await.unwrap();
    }
    assert_eq!(bench.client().counts().await.unwrap().enqueued, 2_010);
    let runtime = bench.start().await;
    let last = last_runs(&bench, 2_010).await;
    assert!(last["few"] <= 250, "the last of the few was run {}", last["few"]);
    runtime.drain().await.unwrap();
    assert_eq!(bench.client().counts().await.unwrap().succeeded, 2_010);
}

pub(crate) async fn keys_with_many_jobs_share_a_queue_evenly(bench: Bench) {
    let requests = |tenant| (0..500).map(move |_| of(tenant));
    bench.client().enqueue_all(requests("a").chain(requests("b"))).await.unwrap();
    let _runtime = bench.start().await;
    let mut first = HashMap::new();
    for _ in 0..600 {
        *first.entry(bench.heard().await.text).or_insert(0) += 1;
    }
    assert!(first["a"] >= 200 && first["b"] >= 200, "{first:?}");
}

pub(crate) async fn jobs_of_a_key_keep_their_order(bench: Bench) {
    let requests = (0..300).map(|n| perform::job(Action::say(&n.to_string())).fair_by("k"));
    bench.client().enqueue_all(requests).await.unwrap();
    let _runtime = bench.runtime().workers(1).start().await.unwrap();
    for n in 0..300 {
        assert_eq!(bench.heard().await.text, n.to_string());
    }
}

pub(crate) async fn jobs_that_come_due_take_their_turns(bench: Bench) {
    let requests = (0..500).map(|_| of("many").delay(HOUR));
    bench.client().enqueue_all(requests).await.unwrap();
    let runtime = bench.runtime().queues(["elsewhere"]).start().await.unwrap();
    bench.advance(HOUR).await;
    bench.until(async || bench.client().counts().await.unwrap().enqueued == 500).await;
    bench.client().enqueue_all((0..5).map(|_| of("few"))).await.unwrap();
    runtime.shutdown().await.unwrap();
    let _runtime = bench.start().await;
    let last = last_runs(&bench, 505).await;
    assert!(last["few"] <= 250, "the last of the few was run {}", last["few"]);
}

pub(crate) async fn what_is_deleted_from_the_line_lets_others_in(bench: Bench) {
    let requests = (0..150).map(|_| of("k"));
    let jobs = bench.client().enqueue_all(requests).await.unwrap();
    for job in &jobs[..120] {
        bench.client().delete(job.id(), None).await.unwrap();
    }
    let runtime = bench.start().await;
    bench.advance(HOUR).await;
    assert_eq!(last_runs(&bench, 30).await["k"], 30);
    runtime.drain().await.unwrap();
    let counts = bench.client().counts().await.unwrap();
    assert_eq!((counts.succeeded, counts.deleted, counts.enqueued), (30, 120, 0));
}

pub(crate) async fn turns_and_a_throttle_hold_together(bench: Bench) {
    let requests = (0..400).map(|n| {
        let tenant = if n < 390 { "many" } else { "few" };
        of(tenant).throttle(Throttle::concurrency(tenant, 2))
    });
    bench.client().enqueue_all(requests).await.unwrap();
    let runtime = bench.start().await;
    let last = last_runs(&bench, 400).await;
    assert!(last["few"] < 390, "the last of the few was run {}", last["few"]);
    runtime.drain().await.unwrap();
    assert_eq!(bench.client().counts().await.unwrap().succeeded, 400);
}
