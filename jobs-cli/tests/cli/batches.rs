//! Batches.

use jobs_runtime::prelude::*;
use jobs_runtime::{BatchState, JobState};
use jobs_tests::Bench;
use serde_json::json;

use super::jobs::halve;
use super::program::jobs;

pub(crate) async fn a_batch_is_listed_shown_and_cancelled(bench: Bench) {
    let batch = Batch::new("halves").add_all((0..3).map(|n| halve::job(n * 2))).enqueue().await;
    let id = batch.unwrap().id().to_string();
    let list = jobs(&bench, &["batches"]).await.ok();
    assert!(list.contains("halves") && list.contains(&id), "{list}");
    let shown = jobs(&bench, &["batches", "show", &id, "--json"]).await.json();
    assert_eq!((&shown["name"], &shown["counts"]["pending"]), (&json!("halves"), &json!(3)));
    let cancelled = jobs(&bench, &["batches", "cancel", &id]).await.ok();
    assert_eq!(cancelled, "deleted: 3\n");
    let record = bench.client().batch(id.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(record.state, BatchState::Deleted);
    let unknown = jobs_runtime::BatchId::new().to_string();
    for command in ["show", "cancel", "requeue-failed"] {
        assert_eq!(jobs(&bench, &["batches", command, &unknown]).await.code, 3);
    }
}

pub(crate) async fn what_failed_of_a_batch_is_requeued(bench: Bench) {
    let runtime = bench.start().await;
    let request = halve::job(3);
    let job = request.id();
    let id = Batch::new("odd").add(request).enqueue().await.unwrap().id().to_string();
    bench.until(async || bench.record(job).await.placement.state == JobState::Failed).await;
    runtime.shutdown().await.unwrap();
    let shown = jobs(&bench, &["batches", "show", &id]).await.ok();
    assert!(shown.contains("stuck") && shown.contains("1 failed"), "{shown}");
    assert_eq!(jobs(&bench, &["batches", "requeue-failed", &id]).await.ok(), "requeued: 1\n");
    assert_eq!(bench.record(job).await.placement.state, JobState::Enqueued);
}
