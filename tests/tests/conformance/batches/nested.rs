//! Batches in each other, and after each other; jobs that join one.

use jobs_runtime::prelude::*;
use jobs_runtime::{BatchState, Error, JobState, Mixed};
use jobs_tests::Bench;

use super::{add_up, counts, even, state};
use crate::conformance::jobs::{Action, double, perform};
use crate::conformance::times::HOUR;

/// Adds so many jobs to its own batch.
#[job]
async fn spread(jobs: u32, ctx: JobContext) -> anyhow::Result<u32> {
    let batch = ctx.batch().ok_or_else(|| anyhow::anyhow!("it is in no batch"))?;
    batch.add_all((0..jobs).map(double::job)).await?;
    Ok(jobs)
}

pub(crate) async fn a_batch_inside_another_counts_as_one_member(bench: Bench) {
    let inner = Batch::new("inner").add_all((0..3).map(even::job));
    let (inner_id, outer) = (inner.id(), Batch::mixed("outer").add_any(perform::job(Action::ok())));
    let outer = outer.add_batch(inner).enqueue().await.unwrap();
    let inner: BatchHandle<u32> = bench.client().batch_handle(inner_id);
    let after = perform::job(Action::ok()).after(&outer).enqueue().await.unwrap();
    assert_eq!(counts(&outer).await.total, 2);
    let runtime = bench.start().await;
    runtime.drain().await.unwrap();
    assert!(inner.status().await.unwrap().is_stuck());
    assert_eq!((counts(&outer).await.pending, state(&outer).await), (1, BatchState::Open));
    assert_eq!(outer.requeue_failed().await.unwrap(), 1, "that of the batch inside");
    outer.wait().await.unwrap();
    assert_eq!(inner.wait().await.unwrap(), [0, 1, 2]);
    after.wait().await.unwrap();
    let roots = bench.client().batches(None, 10).await.unwrap();
    assert_eq!(roots.iter().map(|batch| batch.id).collect::<Vec<_>>(), [outer.id()]);
    assert_eq!(inner.status().await.unwrap().parent, Some(outer.id()));
}

pub(crate) async fn a_batch_waits_for_a_job_and_a_batch(bench: Bench) {
    let first = perform::job(Action::gate("first")).enqueue().await.unwrap();
    let second = Batch::new("second").add(perform::job(Action::gate("second")));
    let second = second.enqueue().await.unwrap();
    let third = Batch::new("third").add_all((0..3).map(double::job)).after(&first).after(&second);
    let third = third.then(Batch::new("fourth").add(perform::job(Action::say("fourth"))));
    let third = third.enqueue().await.unwrap();
    let runtime = bench.start().await;
    assert_eq!(state(&third).await, BatchState::Awaiting);
    assert_eq!(bench.client().counts().await.unwrap().awaiting, 4);
    bench.probe().open("first");
    first.wait().await.unwrap();
    assert_eq!(state(&third).await, BatchState::Awaiting);
    bench.probe().open("second");
    assert_eq!(third.wait().await.unwrap(), [0, 2, 4]);
    bench.hear("fourth").await;
    runtime.drain().await.unwrap();
    let late = Batch::new("late").add(double::job(4)).after(&third).enqueue().await.unwrap();
    assert_eq!(late.wait().await.unwrap(), [8]);
}

pub(crate) async fn a_batch_whose_parent_is_deleted_is_skipped_and_restored(bench: Bench) {
    let parent = perform::schedule_in(HOUR, Action::ok()).await.unwrap();
    let inside = Batch::new("inside").add(perform::job(Action::ok()));
    let inside_id = inside.id();
    let batch = Batch::new("child").add(perform::job(Action::ok())).after(&parent);
    let batch = batch.add_batch(inside).enqueue().await.unwrap();
    let empty = Batch::<u32>::new("empty").after(&parent).enqueue().await.unwrap();
    let after = perform::job(Action::ok()).after(&batch).enqueue().await.unwrap();
    let inside: BatchHandle<Mixed> = bench.client().batch_handle(inside_id);
    parent.cancel().await.unwrap();
    assert_eq!(bench.state(&after).await, JobState::Deleted);
    let late = Batch::new("late").add(perform::job(Action::ok())).after(&parent);
    let late = late.enqueue().await.unwrap();
    for state_now in
        [state(&batch).await, state(&inside).await, state(&empty).await, state(&late).await]
    {
        assert_eq!(state_now, BatchState::Skipped);
    }
    assert_eq!(counts(&batch).await.skipped, 2);

    parent.requeue().await.unwrap();
    for state_now in
        [state(&batch).await, state(&inside).await, state(&empty).await, state(&late).await]
    {
        assert_eq!(state_now, BatchState::Awaiting);
    }
    let _runtime = bench.start().await;
    batch.wait().await.unwrap();
    late.wait().await.unwrap();
    empty.wait().await.unwrap();
    after.wait().await.unwrap();
}

pub(crate) async fn a_running_job_adds_to_its_batch(bench: Bench) {
    let batch = Batch::new("spread").add_all([spread::job(20), spread::job(5)]);
    let batch = batch.then(add_up::job()).enqueue().await.unwrap();
    let runtime = bench.start().await;
    let outputs = batch.wait().await.unwrap();
    assert_eq!(outputs.len(), 27);
    assert_eq!(counts(&batch).await.succeeded, 27);
    runtime.drain().await.unwrap();
    let error = batch.add(double::job(1)).await.unwrap_err();
    let Error::BatchClosed { state, .. } = error else { panic!("{error}") };
    assert_eq!(state, BatchState::Succeeded);
    let nobody: BatchHandle<u32> = bench.client().batch_handle(jobs_runtime::BatchId::new());
    let error = nobody.add(double::job(1)).await.unwrap_err();
    assert!(matches!(error, Error::UnknownBatch { .. }), "{error}");
}

pub(crate) async fn jobs_that_join_a_batch_that_waits_wait_with_it(bench: Bench) {
    let parent = perform::job(Action::gate("go")).enqueue().await.unwrap();
    let batch = Batch::new("later").add(double::job(1)).after(&parent).enqueue().await.unwrap();
    let joined = batch.add(double::job(2)).await.unwrap();
    assert_eq!(bench.state(&joined).await, JobState::Awaiting);
    let _runtime = bench.start().await;
    bench.probe().open("go");
    assert_eq!(batch.wait().await.unwrap(), [2, 4]);
}
