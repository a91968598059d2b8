//! What the counters of batches say.

use jobs_runtime::BatchState;
use jobs_runtime::prelude::*;
use jobs_tests::Bench;

use super::{check, handles, state};
use crate::conformance::jobs::{Action, perform};
use crate::conformance::times::HOUR;

pub(crate) async fn each_batch_of_a_list_says_whether_it_is_stuck(bench: Bench) {
    let bad = || perform::job(Action::fail()).retries(0);
    let later = || perform::job(Action::ok()).delay(HOUR);
    let first = bad();
    let waiting = [1, 2].map(|_| perform::job(Action::ok()).after(first.id()));
    let held = Batch::new("held").add(first).add_all(waiting);
    let inside = Batch::new("inside").add(bad());
    let after = perform::job(Action::ok()).after(inside.id());
    let around = Batch::mixed("around").add_batch(inside).add_any(after);
    let inside = Batch::new("inside").add(bad()).add(later());
    let on_its_way = Batch::mixed("around one that goes on").add_batch(inside);
    held.enqueue().await.unwrap();
    Batch::new("goes on").add(bad()).add(later()).enqueue().await.unwrap();
    around.enqueue().await.unwrap();
    on_its_way.enqueue().await.unwrap();
    Batch::new("well").add(later()).enqueue().await.unwrap();
    Batch::new("done").add(perform::job(Action::ok())).enqueue().await.unwrap();
    let runtime = bench.start().await;
    runtime.drain().await.unwrap();
    let batches = bench.client().batches(None, 10).await.unwrap();
    let stuck = |batch: &jobs_runtime::BatchRecord| (batch.name.clone(), batch.is_stuck());
    let expected = [
        ("done", false),
        ("well", false),
        ("around one that goes on", false),
        ("around", true),
        ("goes on", false),
        ("held", true),
    ];
    let expected = expected.map(|(name, stuck)| (name.to_owned(), stuck));
    assert_eq!(batches.iter().map(stuck).collect::<Vec<_>>(), expected);
}

pub(crate) async fn counters_follow_whatever_is_done_to_jobs(bench: Bench) {
    let runtime = bench.start().await;
    let jobs = (0..6).map(|n| {
        perform::job(match n {
            0 | 1 => Action::ok(),
            2 | 3 => Action::Fatal("no".to_owned()),
            _ => Action::gate("go"),
        })
    });
    let jobs: Vec<_> = jobs.map(|job| job.retries(0)).collect();
    let ids: Vec<JobId> = jobs.iter().map(jobs_runtime::JobRequest::id).collect();
    let batch = Batch::new("watched").add_all(jobs).enqueue().await.unwrap();
    let jobs = handles(&bench, &ids);
    for job in &jobs[..4] {
        let _ = job.wait().await;
    }
    check(&bench, &batch, &jobs).await;
    jobs[0].cancel().await.unwrap(); // succeeded, then deleted
    jobs[2].cancel().await.unwrap(); // failed, then deleted
    jobs[4].cancel().await.unwrap(); // running, then deleted
    check(&bench, &batch, &jobs).await;
    jobs[1].requeue().await.unwrap(); // succeeded, then run again
    jobs[2].requeue().await.unwrap(); // deleted, then failed again
    let _ = jobs[2].wait().await;
    jobs[1].wait().await.unwrap();
    check(&bench, &batch, &jobs).await;
    bench.probe().open("go");
    jobs[5].wait().await.unwrap();
    runtime.drain().await.unwrap();
    check(&bench, &batch, &jobs).await;
    assert!(batch.status().await.unwrap().is_stuck());
    jobs[2].cancel().await.unwrap();
    jobs[3].cancel().await.unwrap();
    assert_eq!(state(&batch).await, BatchState::Deleted);
    check(&bench, &batch, &jobs).await;
}
