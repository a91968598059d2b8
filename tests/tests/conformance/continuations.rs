//! Jobs that wait for other jobs.

use jobs_runtime::{Error, JobId, JobState, WaitError};
use jobs_tests::Bench;

use super::jobs::{Action, perform};
use super::times::HOUR;

pub(crate) async fn a_continuation_waits_for_its_parent_to_succeed(bench: Bench) {
    let parent = perform::enqueue(Action::gate("parent")).await.unwrap();
    let child = perform::continue_with(&parent, Action::ok()).await.unwrap();
    assert_eq!(bench.state(&child).await, JobState::Awaiting);
    let _runtime = bench.start().await;
    bench.hear("started").await;
    assert_eq!(bench.state(&child).await, JobState::Awaiting);
    bench.probe().open("parent");
    assert_eq!(child.wait().await.unwrap(), "done");
    assert_eq!(bench.state(&parent).await, JobState::Succeeded);
}

pub(crate) async fn each_trigger_releases_at_its_own_end(bench: Bench) {
    let _runtime = bench.start().await;
    // For each end of the parent: what becomes of the children that wait for success, failure,
    // any end, and deletion.
    use JobState::{Awaiting, Deleted, Succeeded};
    let cases = [
        (Action::gate("go"), false, [Succeeded, Deleted, Succeeded, Deleted]),
        (Action::Fatal("no".to_owned()), false, [Awaiting, Succeeded, Succeeded, Awaiting]),
        (Action::ok(), true, [Deleted, Deleted, Succeeded, Succeeded]),
    ];
    bench.probe().open("go");
    for (action, delete, expected) in cases {
        let parent = perform::job(action.clone()).delay(HOUR).enqueue().await.unwrap();
        let children = [
            perform::job(Action::ok()).after(&parent).enqueue().await.unwrap(),
            perform::job(Action::ok()).after_failed(&parent).enqueue().await.unwrap(),
            perform::job(Action::ok()).after_finished(&parent).enqueue().await.unwrap(),
            perform::job(Action::ok()).after_deleted(&parent).enqueue().await.unwrap(),
        ];
        match delete {
            true => drop(parent.cancel().await.unwrap()),
            false => drop(parent.requeue().await.unwrap()),
        }
        for (child, state) in children.iter().zip(expected) {
            bench.until_state(child, state).await;
        }
    }
}

pub(crate) async fn a_parent_that_has_settled_decides_at_once(bench: Bench) {
    let runtime = bench.start().await;
    let succeeded = perform::enqueue(Action::ok()).await.unwrap();
    let failed = perform::job(Action::fail()).retries(0).enqueue().await.unwrap();
    succeeded.wait().await.unwrap();
    failed.wait().await.unwrap_err();
    runtime.shutdown().await.unwrap();
    let deleted = perform::enqueue(Action::ok()).await.unwrap();
    deleted.cancel().await.unwrap();
    use JobState::{Awaiting, Deleted, Enqueued};
    let cases = [
        (succeeded, [Enqueued, Deleted, Enqueued, Deleted]),
        (failed, [Awaiting, Enqueued, Enqueued, Awaiting]),
        (deleted, [Deleted, Deleted, Enqueued, Enqueued]),
    ];
    for (parent, expected) in cases {
        let children = [
            perform::job(Action::ok()).after(&parent).enqueue().await.unwrap(),
            perform::job(Action::ok()).after_failed(&parent).enqueue().await.unwrap(),
            perform::job(Action::ok()).after_finished(&parent).enqueue().await.unwrap(),
            perform::job(Action::ok()).after_deleted(&parent).enqueue().await.unwrap(),
        ];
        for (child, state) in children.iter().zip(expected) {
            assert_eq!(bench.state(child).await, state, "after {}", bench.state(&parent).await);
        }
    }
}

pub(crate) async fn a_job_waits_for_all_of_its_parents(bench: Bench) {
    let parents = [
        perform::enqueue(Action::gate("a")).await.unwrap(),
        perform::enqueue(Action::gate("b")).await.unwrap(),
        perform::enqueue(Action::gate("c")).await.unwrap(),
    ];
    let ids: Vec<JobId> = parents.iter().map(jobs_runtime::JobHandle::id).collect();
    let child = perform::job(Action::say("child")).after_all(&ids).enqueue().await.unwrap();
    let _runtime = bench.start().await;
    for (parent, gate) in parents.iter().zip(["a", "b", "c"]) {
        assert_eq!(bench.state(&child).await, JobState::Awaiting);
        bench.probe().open(gate);
        parent.wait().await.unwrap();
    }
    assert_eq!(child.wait().await.unwrap(), "child");
    assert_eq!(bench.probe().runs(child.id()), 1);
}

pub(crate) async fn a_parent_named_twice_counts_once(bench: Bench) {
    let parent = perform::enqueue(Action::ok()).await.unwrap();
    let child = perform::job(Action::ok()).after_all((&parent, &parent)).after(parent.id());
    let child = child.enqueue().await.unwrap();
    let _runtime = bench.start().await;
    assert_eq!(child.wait().await.unwrap(), "done");
}

pub(crate) async fn parents_can_be_waited_for_with_different_triggers(bench: Bench) {
    let good = perform::enqueue(Action::ok()).await.unwrap();
    let bad = perform::job(Action::fail()).retries(0).enqueue().await.unwrap();
    let child = perform::job(Action::ok()).after(&good).after_failed(&bad).enqueue().await.unwrap();
    let _runtime = bench.start().await;
    assert_eq!(child.wait().await.unwrap(), "done");
}

pub(crate) async fn a_job_whose_parent_failed_waits_until_the_parent_is_requeued(bench: Bench) {
    let runtime = bench.start().await;
    let parent = perform::job(Action::FailBefore(2)).retries(0).enqueue().await.unwrap();
    let child = perform::continue_with(&parent, Action::ok()).await.unwrap();
    parent.wait().await.unwrap_err();
    runtime.drain().await.unwrap();
    assert_eq!(bench.state(&child).await, JobState::Awaiting);
    // It has one attempt, which counts anew, so it cannot succeed before it is deleted.
    parent.requeue().await.unwrap();
    parent.wait().await.unwrap_err();
    assert_eq!(bench.state(&child).await, JobState::Awaiting);
    parent.cancel().await.unwrap();
    assert_eq!(bench.state(&child).await, JobState::Deleted);
}

pub(crate) async fn a_parent_that_succeeds_after_a_requeue_releases_its_children(bench: Bench) {
    let runtime = bench.start().await;
    let parent = super::jobs::fail_once::enqueue().await.unwrap();
    let child = perform::job(Action::ok()).after(&parent).enqueue().await.unwrap();
    parent.wait().await.unwrap_err();
    runtime.drain().await.unwrap();
    assert_eq!(bench.state(&child).await, JobState::Awaiting);
    parent.requeue().await.unwrap();
    assert_eq!(child.wait().await.unwrap(), "done");
}

pub(crate) async fn each_edge_releases_once(bench: Bench) {
    let runtime = bench.start().await;
    let parent = perform::enqueue(Action::ok()).await.unwrap();
    let child = perform::continue_with(&parent, Action::say("child")).await.unwrap();
    child.wait().await.unwrap();
    for _ in 0..3 {
        parent.requeue().await.unwrap();
        runtime.drain().await.unwrap();
    }
    assert_eq!(bench.probe().runs(parent.id()), 4);
    assert_eq!(bench.probe().runs(child.id()), 1);
}

pub(crate) async fn an_edge_released_before_counts_when_the_other_parent_ends(bench: Bench) {
    let runtime = bench.start().await;
    let first = perform::enqueue(Action::ok()).await.unwrap();
    let second = perform::enqueue(Action::gate("second")).await.unwrap();
    let child = perform::job(Action::ok()).after_all((&first, &second)).enqueue().await.unwrap();
    first.wait().await.unwrap();
    first.requeue().await.unwrap();
    bench.until(async || bench.probe().runs(first.id()) == 2).await;
    first.wait().await.unwrap();
    assert_eq!(bench.state(&child).await, JobState::Awaiting);
    bench.probe().open("second");
    assert_eq!(child.wait().await.unwrap(), "done");
    runtime.drain().await.unwrap();
    assert_eq!(bench.probe().runs(child.id()), 1);
}

pub(crate) async fn a_chain_runs_in_order(bench: Bench) {
    let mut last = perform::enqueue(Action::say("0")).await.unwrap();
    for n in 1..6 {
        last = perform::continue_with(&last, Action::say(&n.to_string())).await.unwrap();
    }
    let _runtime = bench.start().await;
    last.wait().await.unwrap();
    assert_eq!(bench.said().await, ["0", "1", "2", "3", "4", "5"]);
}

pub(crate) async fn one_parent_releases_many_children(bench: Bench) {
    let parent = perform::enqueue(Action::ok()).await.unwrap();
    let children = (0..300).map(|_| perform::job(Action::say("child")).after(&parent));
    let children = bench.client().enqueue_all(children).await.unwrap();
    let runtime = bench.start().await;
    runtime.drain().await.unwrap();
    assert_eq!(bench.client().counts().await.unwrap().succeeded, 301);
    assert!(children.iter().all(|child| bench.probe().runs(child.id()) == 1));
}

pub(crate) async fn a_delay_counts_from_the_release(bench: Bench) {
    let runtime = bench.start().await;
    let parent = perform::schedule_in(HOUR, Action::ok()).await.unwrap();
    let child = perform::job(Action::ok()).after(&parent).delay(HOUR).enqueue().await.unwrap();
    bench.advance(HOUR).await;
    parent.wait().await.unwrap();
    runtime.drain().await.unwrap();
    assert_eq!(bench.state(&child).await, JobState::Scheduled);
    bench.advance(HOUR).await;
    assert_eq!(child.wait().await.unwrap(), "done");
}

pub(crate) async fn a_parent_that_does_not_exist_is_an_error(bench: Bench) {
    let nobody = JobId::new();
    let request = perform::job(Action::ok()).after(nobody);
    let id = request.id();
    let error = request.enqueue().await.unwrap_err();
    assert!(
        matches!(error, Error::UnknownParent { parent, child } if parent == nobody && child == id)
    );
    assert!(bench.find(id).await.is_none());
}

pub(crate) async fn a_graph_can_be_stored_in_one_call(bench: Bench) {
    let first = perform::job(Action::say("first"));
    let second = perform::job(Action::say("second")).after(first.id());
    let jobs = bench.client().enqueue_all([first, second]).await.unwrap();
    let _runtime = bench.start().await;
    assert_eq!(jobs[1].wait().await.unwrap(), "second");
    assert_eq!(bench.said().await, ["first", "second"]);
}

pub(crate) async fn a_job_that_awaits_can_be_deleted_and_comes_back_to_waiting(bench: Bench) {
    let parent = perform::enqueue(Action::ok()).await.unwrap();
    let child = perform::continue_with(&parent, Action::ok()).await.unwrap();
    child.cancel().await.unwrap();
    let Err(WaitError::Deleted { .. }) = child.wait().await else { panic!("it was deleted") };
    child.requeue().await.unwrap();
    assert_eq!(bench.state(&child).await, JobState::Awaiting);
    let _runtime = bench.start().await;
    assert_eq!(child.wait().await.unwrap(), "done");
}
