//! What is done to all jobs that match.

use jobs_runtime::{Batch, Client, JobFilter, JobState};
use jobs_tests::Bench;

use crate::conformance::jobs::{Action, perform, show};
use crate::conformance::times::HOUR;

pub(crate) async fn all_that_match_are_deleted_and_nothing_else(bench: Bench) {
    let some = (0..450).map(|_| perform::job(Action::ok()).tag("x"));
    bench.client().enqueue_all(some).await.unwrap();
    let late = perform::job(Action::ok()).tag("x").delay(HOUR).enqueue().await.unwrap();
    let child = perform::job(Action::ok()).after(&late).enqueue().await.unwrap();
    let other = perform::enqueue(Action::ok()).await.unwrap();
    let filter = JobFilter::new().tag("x").limit(1);
    let deleted = bench.client().delete_all(&filter).await.unwrap();
    assert_eq!((deleted.done, deleted.moved_on, deleted.refused), (451, 0, 0));
    assert_eq!(bench.state(&late).await, JobState::Deleted);
    assert_eq!(bench.state(&other).await, JobState::Enqueued);
    let record = bench.record(child.id()).await;
    assert_eq!(record.placement.state, JobState::Deleted);
    assert!(record.reason.unwrap().contains(&late.id().to_string()));
    assert_eq!(bench.client().counts().await.unwrap().deleted, 452);
    let again = bench.client().delete_all(&filter).await.unwrap();
    assert_eq!(again.done, 0);
    let event = bench.client().history(late.id()).await.unwrap().events.pop().unwrap();
    assert_eq!((event.from, event.to), (JobState::Scheduled, JobState::Deleted));
}

/// A family that is deleted in one transaction is deleted as one job after the other would be.
pub(crate) async fn parents_and_children_can_be_deleted_together(bench: Bench) {
    let parent = perform::job(Action::ok()).tag("x").enqueue().await.unwrap();
    let child = perform::job(Action::ok()).tag("x").after(&parent).enqueue().await.unwrap();
    let grandchild = perform::job(Action::ok()).after(&child).enqueue().await.unwrap();
    let deleted = bench.client().delete_all(&JobFilter::new().tag("x")).await.unwrap();
    assert_eq!(deleted.done, 2);
    for job in [&parent, &child, &grandchild] {
        assert_eq!(bench.state(job).await, JobState::Deleted);
        assert_eq!(bench.client().history(job.id()).await.unwrap().events.len(), 1);
    }
    assert_eq!(bench.client().counts().await.unwrap().deleted, 3);
    let _runtime = bench.start().await;
    parent.requeue().await.unwrap();
    parent.wait().await.unwrap();
    // Deleted by itself, and not because of its parent.
    assert_eq!(bench.state(&child).await, JobState::Deleted);
    child.requeue().await.unwrap();
    child.wait().await.unwrap();
    grandchild.wait().await.unwrap();
}

pub(crate) async fn all_that_match_are_requeued_and_run_again(bench: Bench) {
    let runtime = bench.start().await;
    let failing = (0..250).map(|_| perform::job(Action::FailBefore(2)).retries(0));
    let failing = bench.client().enqueue_all(failing).await.unwrap();
    let other = perform::job(Action::fail()).retries(0).queue("last").enqueue().await.unwrap();
    for job in &failing {
        job.wait().await.unwrap_err();
    }
    other.wait().await.unwrap_err();
    let filter = JobFilter::new().state(JobState::Failed).queue("default");
    let requeued = bench.client().requeue_all(&filter).await.unwrap();
    assert_eq!((requeued.done, requeued.moved_on, requeued.refused), (250, 0, 0));
    runtime.drain().await.unwrap();
    assert!(failing.iter().all(|job| bench.probe().runs(job.id()) == 2));
    assert_eq!(bench.probe().runs(other.id()), 1);
}

/// In one transaction, in which each still comes to where it would come by itself.
pub(crate) async fn many_jobs_of_every_sort_are_requeued_at_once(bench: Bench) {
    let client = bench.client();
    let runtime = bench.start().await;
    let succeeded = perform::enqueue(Action::ok()).await.unwrap();
    succeeded.wait().await.unwrap();
    let failing = || perform::job(Action::fail()).retries(0);
    let failed = failing().enqueue().await.unwrap();
    failed.wait().await.unwrap_err();
    let batch = Batch::new("b").add_all([failing()]).enqueue().await.unwrap();
    bench.until(async || client.counts().await.unwrap().failed == 2).await;
    runtime.shutdown().await.unwrap();
    let scheduled = perform::schedule_in(HOUR, Action::ok()).await.unwrap();
    let parent = perform::enqueue(Action::say("parent")).await.unwrap();
    let child = show::continue_with(&parent, "> ").await.unwrap();
    parent.cancel().await.unwrap();
    assert_eq!(bench.state(&child).await, JobState::Deleted);
    let done = client.requeue_all(&JobFilter::new()).await.unwrap();
    assert_eq!((done.done, done.moved_on, done.refused), (6, 0, 0));
    for job in [scheduled.id(), parent.id(), failed.id(), succeeded.id()] {
        assert_eq!(bench.record(job).await.placement.state, JobState::Enqueued);
    }
    assert_eq!(bench.state(&child).await, JobState::Awaiting);
    let counts = client.batch(batch.id()).await.unwrap().unwrap().counts;
    assert_eq!((counts.pending, counts.failed), (1, 0), "{counts:?}");
    let to: Vec<JobState> =
        client.events(child.id()).await.unwrap().iter().map(|event| event.to).collect();
    assert_eq!(to, [JobState::Deleted, JobState::Awaiting]);
    let runtime = bench.start().await;
    assert_eq!(child.wait().await.unwrap(), "> parent");
    runtime.drain().await.unwrap();
    let counts = client.counts().await.unwrap();
    assert_eq!((counts.succeeded, counts.failed), (4, 2));
}

pub(crate) async fn what_cannot_be_requeued_is_counted_and_left_alone(bench: Bench) {
    let parent = perform::schedule_in(HOUR, Action::ok()).await.unwrap();
    let waits = show::continue_with(&parent, "> ").await.unwrap();
    let free = perform::continue_with(&parent, Action::ok()).await.unwrap();
    let filter = JobFilter::new().state(JobState::Awaiting).state(JobState::Enqueued);
    let requeued = bench.client().requeue_all(&filter).await.unwrap();
    assert_eq!((requeued.done, requeued.moved_on, requeued.refused), (1, 0, 1));
    assert_eq!(bench.state(&waits).await, JobState::Awaiting);
    assert_eq!(bench.state(&free).await, JobState::Enqueued);
    let enqueued = JobFilter::new().state(JobState::Enqueued);
    assert_eq!(bench.client().requeue_all(&enqueued).await.unwrap(), Default::default());
}

/// Two that act on the same jobs at once share them out, and wait for each other without end
/// nowhere.
pub(crate) async fn two_that_delete_all_at_once_delete_each_job_once(bench: Bench) {
    let jobs = (0..1_000).map(|n| match n % 2 {
        0 => perform::job(Action::ok()),
        _ => perform::job(Action::ok()).delay(HOUR),
    });
    bench.client().enqueue_all(jobs).await.unwrap();
    let other = Client::new(bench.another_storage().await);
    let filter = JobFilter::new();
    let (here, there) = tokio::join!(bench.client().delete_all(&filter), other.delete_all(&filter));
    let (here, there) = (here.unwrap(), there.unwrap());
    assert_eq!(here.done + there.done, 1_000, "{here:?} {there:?}");
    assert_eq!(bench.client().counts().await.unwrap().deleted, 1_000);
}
