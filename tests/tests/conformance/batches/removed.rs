//! How long batches stay.

use std::time::Duration;

use jobs_runtime::prelude::*;
use jobs_tests::Bench;

use super::handles;
use crate::conformance::jobs::{Action, double, perform};
use crate::conformance::times::{DAY, HOUR};

pub(crate) async fn the_jobs_of_a_batch_stay_as_long_as_it_and_go_with_it(bench: Bench) {
    let (gate, done) = (perform::job(Action::gate("go")), perform::job(Action::ok()));
    let (last, first) = (gate.id(), done.id());
    let inside = Batch::new("inside").add(double::job(1));
    let inside_id = inside.id();
    let batch = Batch::new("all").add(done).add(gate).add_batch(inside).enqueue().await.unwrap();
    let runtime = bench.runtime().sweep_every(Duration::from_millis(20)).start().await.unwrap();
    let [first, last] = handles(&bench, &[first, last]).try_into().unwrap();
    first.wait().await.unwrap();
    bench.hear("started").await;
    let other = perform::enqueue(Action::ok()).await.unwrap();
    other.wait().await.unwrap();
    bench.advance(2 * DAY).await;
    bench.until(async || bench.find(other.id()).await.is_none()).await;
    assert!(bench.find(first.id()).await.is_some(), "its batch is open");
    bench.probe().open("go");
    batch.wait().await.unwrap();
    bench.advance(DAY / 2).await;
    let third = perform::enqueue(Action::ok()).await.unwrap();
    third.wait().await.unwrap();
    assert!(bench.find(last.id()).await.is_some());
    bench.advance(DAY * 3 / 4).await;
    bench.until(async || bench.client().batch(batch.id()).await.unwrap().is_none()).await;
    for job in [&first, &last] {
        assert!(bench.find(job.id()).await.is_none());
    }
    assert_eq!(bench.client().batch(inside_id).await.unwrap(), None);
    assert!(bench.find(third.id()).await.is_some());
    runtime.shutdown().await.unwrap();
}

pub(crate) async fn a_batch_that_is_removed_leaves_nothing(bench: Bench) {
    let inside = Batch::new("inside").add(double::job(1));
    let batch = Batch::new("all").add(double::job(2)).add_batch(inside).keep(HOUR);
    let batch = batch.then(double::job(3)).enqueue().await.unwrap();
    let runtime = bench.runtime().sweep_every(Duration::from_millis(20)).start().await.unwrap();
    batch.wait().await.unwrap();
    runtime.drain().await.unwrap();
    bench.advance(2 * DAY).await;
    let mut own = bench.own().await;
    for table in ["batch", "batch_member", "job_edge", "job_awaiting", "job_attempt", "job"] {
        loop {
            // Looked at until it is so, since nothing signals it.
            match own.number(&format!("SELECT count(*) FROM {{p}}{table}")).await {
                0 => break,
                _ => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    }
}
