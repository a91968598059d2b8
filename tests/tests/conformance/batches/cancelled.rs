//! Batches that are cancelled.

use std::time::Duration;

use jobs_runtime::prelude::*;
use jobs_runtime::{BatchState, Error, JobState};
use jobs_tests::Bench;

use super::{counts, handles, state, until};
use crate::conformance::jobs::{Action, double, perform};
use crate::conformance::times::HOUR;

pub(crate) async fn a_cancelled_batch_deletes_what_is_not_final(bench: Bench) {
    let runtime = bench.start().await;
    let running = perform::job(Action::UntilTold);
    let jobs = [
        perform::job(Action::ok()),
        perform::job(Action::ok()).delay(HOUR),
        perform::job(Action::ok()).after(running.id()),
    ];
    let mut ids = vec![running.id()];
    ids.extend(jobs.iter().map(jobs_runtime::JobRequest::id));
    let inside = Batch::new("inside").add(double::job(1).delay(HOUR));
    let batch = Batch::new("all sorts").add(running).add_all(jobs).add_batch(inside);
    let batch = batch.enqueue().await.unwrap();
    let after = perform::job(Action::ok()).after(&batch).enqueue().await.unwrap();
    let jobs = handles(&bench, &ids);
    bench.hear("started").await;
    jobs[1].wait().await.unwrap();

    assert_eq!(batch.cancel().await.unwrap(), 4);
    bench.hear("told").await;
    assert_eq!(state(&batch).await, BatchState::Deleted);
    let counts = counts(&batch).await;
    assert_eq!((counts.succeeded, counts.deleted), (1, 4), "the batch inside is one of them");
    assert_eq!(bench.state(&after).await, JobState::Deleted);
    let error = batch.add(double::job(2)).await.unwrap_err();
    assert!(matches!(error, Error::BatchClosed { .. }), "{error}");
    assert_eq!(batch.cancel().await.unwrap(), 0);
    runtime.drain().await.unwrap();
    assert_eq!(bench.client().counts().await.unwrap().succeeded, 1);
}

pub(crate) async fn a_batch_that_was_cancelled_half_is_cancelled_by_a_server(bench: Bench) {
    let batch = Batch::new("left").add_all((0..3).map(|n| double::job(n).delay(HOUR)));
    let batch = batch.enqueue().await.unwrap();
    let mut own = bench.own().await;
    own.execute("UPDATE {p}batch SET cancelled = true").await;
    let _runtime = bench.runtime().sweep_every(Duration::from_millis(20)).start().await.unwrap();
    until(&bench, &batch, BatchState::Deleted).await;
    assert_eq!(counts(&batch).await.deleted, 3);
}

pub(crate) async fn jobs_that_wait_for_a_throttle_are_cancelled_with_their_batch(bench: Bench) {
    let one = || jobs_runtime::Throttle::concurrency("one", 1);
    let jobs = (0..5).map(|_| perform::job(Action::gate("go")).throttle(one()));
    let batch = Batch::new("throttled").add_all(jobs).enqueue().await.unwrap();
    let runtime = bench.start().await;
    bench.hear("started").await;
    bench.until(async || bench.client().throttles().await.unwrap()[0].waiting == 4).await;
    assert_eq!(batch.cancel().await.unwrap(), 5);
    assert_eq!(state(&batch).await, BatchState::Deleted);
    bench.probe().open("go");
    runtime.drain().await.unwrap();
    let throttle = &bench.client().throttles().await.unwrap()[0];
    assert_eq!((throttle.used, throttle.waiting), (0, 0));
}
