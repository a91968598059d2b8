//! How batches are stored.

use jobs_runtime::prelude::*;
use jobs_runtime::{BatchState, Error};
use jobs_tests::Bench;

use super::{add_up, counts, state};
use crate::conformance::jobs::{Action, double, perform};

pub(crate) async fn an_empty_batch_succeeds_at_once(bench: Bench) {
    let batch = Batch::<u32>::new("nothing").then(add_up::job()).enqueue().await.unwrap();
    assert_eq!(state(&batch).await, BatchState::Succeeded);
    assert!(batch.wait().await.unwrap().is_empty());
    let runtime = bench.start().await;
    runtime.drain().await.unwrap();
    assert_eq!(bench.client().counts().await.unwrap().succeeded, 1);
}

pub(crate) async fn a_batch_is_stored_whole_or_not_at_all(bench: Bench) {
    let bad = Batch::new("half").add(double::job(1)).add(double::job(2).queue("Not A Queue"));
    let id = bad.id();
    let error = bad.enqueue().await.unwrap_err();
    assert!(matches!(error, Error::InvalidQueue { .. }), "{error}");
    let orphan = Batch::new("half").add(double::job(1)).after(JobId::new());
    let error = orphan.enqueue().await.unwrap_err();
    assert!(matches!(error, Error::UnknownParent { .. }), "{error}");
    for name in [String::new(), "x".repeat(201)] {
        let error = Batch::<()>::new(name.clone()).enqueue().await.unwrap_err();
        assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
    }
    assert_eq!(bench.client().counts().await.unwrap().enqueued, 0);
    assert_eq!(bench.client().batch(id).await.unwrap(), None);
}

pub(crate) async fn a_hundred_thousand_jobs_are_stored_in_one_call(bench: Bench) {
    let batch = Batch::new("many").add_all((0..100_000).map(double::job)).enqueue().await.unwrap();
    assert_eq!(counts(&batch).await.pending, 100_000);
    assert_eq!(bench.client().counts().await.unwrap().enqueued, 100_000);
    assert_eq!(batch.cancel().await.unwrap(), 100_000);
    assert_eq!(counts(&batch).await.deleted, 100_000);
    assert_eq!(bench.client().counts().await.unwrap().enqueued, 0);
}

pub(crate) async fn a_member_whose_key_is_held_is_left_out(bench: Bench) {
    let key = || jobs_runtime::Unique::key("k".to_owned());
    let holder = double::job(1).unique(key()).enqueue().await.unwrap();
    let held = double::job(2).unique(key());
    let after = perform::job(Action::ok()).after(held.id());
    let batch = Batch::mixed("some").add_any(held).add_any(double::job(3)).add_any(after);
    let batch = batch.enqueue().await.unwrap();
    assert_eq!(batch.left_out(), [holder.id()]);
    assert_eq!(counts(&batch).await.total, 2);
    let _runtime = bench.start().await;
    batch.wait().await.unwrap();
    holder.wait().await.unwrap();
}

pub(crate) async fn a_member_that_is_replaced_stays_in_its_batch(bench: Bench) {
    let key = || jobs_runtime::Unique::key("k".to_owned()).on_conflict(OnConflict::Replace);
    let member = double::job(1).unique(key());
    let batch = Batch::new("one").add(member).enqueue().await.unwrap();
    let replaced = double::job(21).unique(key()).enqueue().await.unwrap();
    assert!(replaced.is_duplicate());
    let _runtime = bench.start().await;
    assert_eq!(batch.wait().await.unwrap(), [42]);
}

pub(crate) async fn a_batch_commits_with_the_callers_transaction(bench: Bench) {
    let mut own = bench.own().await;
    for (end, stored) in [("ROLLBACK", false), ("COMMIT", true)] {
        own.begin().await;
        let batch = Batch::new("inside").add_all((0..3).map(double::job));
        let batch = batch.enqueue_in(own.transaction()).await.unwrap();
        own.execute(end).await;
        assert_eq!(bench.client().batch(batch.id()).await.unwrap().is_some(), stored, "{end}");
    }
    bench.client().wake();
    let runtime = bench.start().await;
    runtime.drain().await.unwrap();
    assert_eq!(bench.client().counts().await.unwrap().succeeded, 3);
}
