//! How batches end, and what they hand over.

use std::time::Duration;

use jobs_runtime::prelude::*;
use jobs_runtime::{BatchState, JobFailure, JobState, WaitError};
use jobs_tests::Bench;

use super::{add_up, check, counts, even, handles, state};
use crate::conformance::jobs::{Action, double, perform};

#[job]
async fn conclude_batch(#[from_parent] numbers: Result<Vec<u32>, JobFailure>) -> String {
    match numbers {
        Ok(numbers) => format!("{numbers:?}"),
        Err(failure) => failure.message,
    }
}

pub(crate) async fn a_batch_hands_the_outputs_over_in_their_order(bench: Bench) {
    let batch = Batch::new("numbers").add_all((0..50).map(double::job)).then(add_up::job());
    let batch = batch.description("fifty of them").enqueue().await.unwrap();
    let summed = add_up::continue_with(&batch).await.unwrap();
    let status = batch.status().await.unwrap();
    assert_eq!((status.name.as_str(), status.state), ("numbers", BatchState::Open));
    assert_eq!(status.description.as_deref(), Some("fifty of them"));
    assert_eq!((status.counts.total, status.counts.pending), (50, 50));

    let runtime = bench.start().await;
    let expected: Vec<u32> = (0..50).map(|n| 2 * n).collect();
    assert_eq!(batch.wait().await.unwrap(), expected);
    assert_eq!(summed.wait().await.unwrap(), 2450);
    let late = add_up::continue_with(&batch).await.unwrap();
    assert_eq!(late.wait().await.unwrap(), 2450, "one that comes after the end");
    runtime.drain().await.unwrap();
    // The batch's 50, the one stored with it, and two more.
    assert_eq!(bench.client().counts().await.unwrap().succeeded, 53);
    let status = batch.status().await.unwrap();
    assert_eq!((status.state, status.counts.succeeded), (BatchState::Succeeded, 50));
    assert!(status.ended_at.is_some() && (status.counts.progress() - 1.0).abs() < f64::EPSILON);
}

pub(crate) async fn a_failed_job_holds_its_batch_open_until_it_is_requeued(bench: Bench) {
    let runtime = bench.start().await;
    let batch = Batch::new("odd ones").add_all((0..10).map(even::job)).enqueue().await.unwrap();
    let after = add_up::continue_with(&batch).await.unwrap();
    runtime.drain().await.unwrap();
    let status = batch.status().await.unwrap();
    assert!(status.is_stuck(), "{status:?}");
    assert_eq!((status.counts.succeeded, status.counts.failed), (5, 5));
    assert_eq!(bench.state(&after).await, JobState::Awaiting);

    assert_eq!(batch.requeue_failed().await.unwrap(), 5);
    assert_eq!(batch.wait().await.unwrap(), (0..10).collect::<Vec<_>>());
    assert_eq!(after.wait().await.unwrap(), 45);
    assert_eq!(batch.requeue_failed().await.unwrap(), 0);
}

pub(crate) async fn a_batch_can_end_with_failed_jobs(bench: Bench) {
    let runtime = bench.start().await;
    let batch = Batch::new("odd ones").add_all((0..4).map(even::job));
    let batch = batch.on_failure(OnFailure::Finish).then_failed(perform::job(Action::say("sorry")));
    let batch = batch.enqueue().await.unwrap();
    let told = conclude_batch::continue_with(&batch).await.unwrap();
    let after = add_up::continue_with(&batch).await.unwrap();
    let Err(WaitError::Failed(failure)) = batch.wait().await else { panic!("two have failed") };
    assert!(failure.message.contains("2 failed"), "{failure}");
    bench.hear("sorry").await;
    assert_eq!(told.wait().await.unwrap(), failure.message);
    assert_eq!(bench.state(&after).await, JobState::Awaiting);

    batch.requeue_failed().await.unwrap();
    assert_eq!(after.wait().await.unwrap(), 6, "it is let go by the success that comes later");
    runtime.drain().await.unwrap();
    assert_eq!(state(&batch).await, BatchState::Succeeded);
    assert!(bench.said().await.is_empty(), "nothing is released a second time");
}

pub(crate) async fn a_deleted_job_ends_its_batch_as_deleted(bench: Bench) {
    let jobs = [perform::job(Action::ok()), perform::job(Action::ok())];
    let ids = [jobs[0].id(), jobs[1].id()];
    let batch = Batch::new("two").add_all(jobs).enqueue().await.unwrap();
    let after = perform::job(Action::ok()).after(&batch).enqueue().await.unwrap();
    let gone = perform::job(Action::ok()).after_deleted(&batch).enqueue().await.unwrap();
    let finished = perform::job(Action::ok()).after_finished(&batch).enqueue().await.unwrap();
    let [first, second] = handles(&bench, &ids).try_into().unwrap();
    first.cancel().await.unwrap();
    assert_eq!(state(&batch).await, BatchState::Open);
    let runtime = bench.start().await;
    let Err(WaitError::Deleted { .. }) = batch.wait().await else { panic!("one was deleted") };
    gone.wait().await.unwrap();
    finished.wait().await.unwrap();
    assert_eq!(bench.state(&after).await, JobState::Deleted);

    // What the end took along comes back with the job.
    bench.probe().open("never mind");
    first.requeue().await.unwrap();
    assert_eq!(after.wait().await.unwrap(), "done");
    assert_eq!(state(&batch).await, BatchState::Succeeded);
    runtime.drain().await.unwrap();
    assert_eq!(bench.probe().runs(finished.id()), 1);
    check(&bench, &batch, &[first, second]).await;
}

pub(crate) async fn a_batch_is_waited_for_from_another_storage(bench: Bench) {
    let other = Client::new(bench.another_storage().await);
    let batch = Batch::new("far").add(perform::job(Action::gate("go"))).enqueue().await.unwrap();
    let far: BatchHandle<String> = other.batch_handle(batch.id());
    let _runtime = bench.start().await;
    bench.hear("started").await;
    let error = far.wait_timeout(Duration::from_millis(300)).await.unwrap_err();
    assert!(matches!(error, WaitError::TimedOut(_)), "{error}");
    bench.probe().open("go");
    assert_eq!(far.wait().await.unwrap(), ["go"]);
}

/// Many servers end jobs of one batch at once: each edge from it releases once.
pub(crate) async fn a_batch_ends_once_however_many_servers_run_it(bench: Bench) {
    let jobs = (0..400).map(|n| {
        perform::job(match n % 5 {
            0 => Action::FailBefore(2),
            _ => Action::ok(),
        })
    });
    let batch =
        Batch::new("shared").add_all(jobs.map(|job| job.backoff(Backoff::Fixed(Duration::ZERO))));
    let batch = batch.then(perform::job(Action::say("after"))).enqueue().await.unwrap();
    let mut runtimes = vec![bench.start().await];
    for _ in 0..3 {
        let other = bench.another_storage().await;
        runtimes.push(bench.runtime_on(other).start().await.unwrap());
    }
    batch.wait().await.unwrap();
    for runtime in &runtimes {
        runtime.drain().await.unwrap();
    }
    let said = bench.said().await;
    assert_eq!(said.iter().filter(|text| *text == "after").count(), 1, "{said:?}");
    let counts = counts(&batch).await;
    assert_eq!((counts.succeeded, counts.pending), (400, 0));
}
