//! Two at once.

use jobs_runtime::{Acted, Client, JobState};
use jobs_tests::Bench;

use super::jobs::{Action, double, perform};
use super::times::{DAY, HOUR, SECOND};

pub(crate) async fn children_hung_onto_parents_that_are_just_ending_all_run(bench: Bench) {
    let _runtime = bench.start().await;
    let families: Vec<_> = (0..100)
        .map(|n| {
            // A task has no default client of its own.
            let client = bench.client().clone();
            tokio::spawn(async move {
                let parent = double::job(n).enqueue_with(&client).await.unwrap();
                let child = perform::job(Action::ok()).after(&parent).enqueue_with(&client);
                child.await.unwrap().wait().await.unwrap()
            })
        })
        .collect();
    for family in families {
        assert_eq!(family.await.unwrap(), "done");
    }
    assert_eq!(bench.client().counts().await.unwrap().awaiting, 0);
}

pub(crate) async fn two_parents_that_end_at_once_release_their_child_once(bench: Bench) {
    let other = bench.another_storage().await;
    let mut children = Vec::new();
    for n in 0..30 {
        let first = double::job(n).queue("first").enqueue().await.unwrap();
        let second = double::job(n).queue("last").enqueue().await.unwrap();
        let child = perform::job(Action::ok()).after_all((&first, &second));
        children.push(child.enqueue().await.unwrap());
    }
    let _first = bench.runtime().queues(["first", "default"]).start().await.unwrap();
    let _second = bench.runtime_on(other).queues(["last", "default"]).start().await.unwrap();
    for child in &children {
        child.wait().await.unwrap();
        assert_eq!(bench.probe().runs(child.id()), 1);
    }
}

pub(crate) async fn of_two_actions_on_the_same_sight_one_is_done(bench: Bench) {
    let other = Client::new(bench.another_storage().await);
    for _ in 0..20 {
        let job = perform::schedule_in(HOUR, Action::ok()).await.unwrap();
        let seen = job.state().await.unwrap();
        let (deleted, requeued) =
            tokio::join!(bench.client().delete(job.id(), seen), other.requeue(job.id(), seen),);
        let state = bench.state(&job).await;
        match (deleted.unwrap(), requeued.unwrap()) {
            (Acted::Done, Acted::MovedOn(_)) => assert_eq!(state, JobState::Deleted),
            (Acted::MovedOn(_), Acted::Done) => assert_eq!(state, JobState::Enqueued),
            both => panic!("{both:?}"),
        }
    }
}

pub(crate) async fn a_deletion_that_was_done_holds_whatever_runs_meanwhile(bench: Bench) {
    let runtime = bench.start().await;
    let jobs = bench.client().enqueue_all((0..100).map(double::job)).await.unwrap();
    let mut deleted = Vec::new();
    for job in jobs.iter().rev() {
        assert_eq!(job.cancel().await.unwrap(), Acted::Done);
        deleted.push(job);
    }
    runtime.drain().await.unwrap();
    for job in deleted {
        assert_eq!(bench.state(job).await, JobState::Deleted);
    }
}

/// The database ends one of two transactions that wait for each other. If that is the library's,
/// the caller does not notice.
pub(crate) async fn a_transaction_that_is_given_up_is_run_again(bench: Bench) {
    let line = double::enqueue(1).await.unwrap();
    let scheduled = double::schedule_in(HOUR, 2).await.unwrap();
    let (mut own, mut looks) = (bench.own().await, bench.own().await);
    for round in 0..30 {
        // The parents are locked by state: first the one in the line.
        own.begin().await;
        own.execute("SELECT seq FROM {p}job_schedule FOR UPDATE").await;
        let request = perform::job(Action::ok()).after_all((&line, &scheduled));
        let client = bench.client().clone();
        let child = tokio::spawn(async move { request.enqueue_with(&client).await });
        let line_is_free = "SELECT seq FROM {p}job_queue FOR UPDATE NOWAIT";
        while looks.try_execute(line_is_free).await.is_ok() {
            assert!(!child.is_finished(), "it did not wait: {:?}", child.await);
        }
        // PostgreSQL gives up who waited first, MariaDB who came last; nothing tells who that is.
        let pause = if round % 2 == 0 { 0 } else { round };
        tokio::time::sleep(SECOND / 50 * pause).await;
        let crosswise = own.try_execute("SELECT seq FROM {p}job_queue FOR UPDATE").await;
        own.execute("ROLLBACK").await;
        child.await.unwrap().unwrap();
        if crosswise.is_ok() {
            return;
        }
    }
    panic!("it was never the library's transaction that the database gave up");
}

pub(crate) async fn thousands_of_jobs_due_at_once_are_all_run(bench: Bench) {
    let jobs = (0..2_500).map(|n| double::job(n).delay(HOUR));
    bench.client().enqueue_all(jobs).await.unwrap();
    assert_eq!(bench.client().counts().await.unwrap().scheduled, 2_500);
    let runtime = bench.start().await;
    bench.advance(2 * HOUR).await;
    runtime.drain().await.unwrap();
    assert_eq!(bench.client().counts().await.unwrap().succeeded, 2_500);
}

pub(crate) async fn thousands_of_jobs_that_expire_at_once_are_all_removed(bench: Bench) {
    bench.client().enqueue_all((0..1_200).map(double::job)).await.unwrap();
    let runtime = bench.runtime().sweep_every(SECOND / 50).start().await.unwrap();
    runtime.drain().await.unwrap();
    bench.advance(2 * DAY).await;
    bench.until(async || bench.client().counts().await.unwrap().succeeded == 0).await;
    assert!(bench.client().recent(1).await.unwrap().is_empty());
}
