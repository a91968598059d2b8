//! Graphs of jobs and batches.

use jobs_runtime::prelude::*;
use jobs_runtime::{BatchState, Error, JobFailure, JobState};
use jobs_tests::Bench;

use super::jobs::{Action, double, join, judge, perform, show};

#[job]
async fn total(#[from_parent] numbers: Vec<u32>) -> u32 {
    numbers.iter().sum()
}

#[job]
async fn regret(#[from_parent] end: Result<String, JobFailure>) -> String {
    end.map_or_else(|failure| format!("sorry: {}", failure.message), |_| "unreachable".to_owned())
}

pub(crate) async fn a_diamond_hands_over_along_every_edge(bench: Bench) {
    let mut flow = Workflow::new("diamond");
    let top = flow.add(perform::job(Action::say("top")));
    let left = flow.add(show::job("left of ").after(&top));
    let right = flow.add(double::job(21));
    let bottom = flow.add(join::job().after_all((&left, &right)));
    let flow = flow.enqueue().await.unwrap();
    assert_eq!(flow.status().await.unwrap().counts.total, 4);
    let _runtime = bench.start().await;
    assert_eq!(flow.job(&bottom).wait().await.unwrap(), "left of top42");
    flow.wait().await.unwrap();
    assert_eq!(flow.job(&right).wait().await.unwrap(), 42);
}

pub(crate) async fn a_graph_fans_out_into_a_batch_and_in_again(bench: Bench) {
    let mut flow = Workflow::new("fan");
    let start = flow.add(perform::job(Action::gate("start")));
    let numbers = Batch::new("numbers").add_all((0..40).map(double::job)).after(&start);
    let numbers = flow.add_batch(numbers);
    let sum = flow.add(total::job().after(&numbers));
    flow.add(perform::job(Action::say("end")).after(&sum));
    let flow = flow.enqueue().await.unwrap();
    let runtime = bench.start().await;
    bench.hear("started").await;
    let inside = flow.batch(&numbers);
    assert_eq!(inside.status().await.unwrap().state, BatchState::Awaiting);
    bench.probe().open("start");
    assert_eq!(flow.job(&sum).wait().await.unwrap(), 1560);
    bench.hear("end").await;
    flow.wait().await.unwrap();
    runtime.drain().await.unwrap();
    assert_eq!(flow.status().await.unwrap().counts.succeeded, 4);
}

pub(crate) async fn the_branch_that_is_not_taken_is_skipped(bench: Bench) {
    let _runtime = bench.start().await;
    for (action, taken) in [(Action::ok(), "on success"), (Action::fail(), "on failure")] {
        let mut flow = Workflow::new(taken).on_failure(OnFailure::Finish);
        let fork = flow.add(perform::job(action).retries(0));
        flow.add(perform::job(Action::say("on success")).after(&fork));
        let failed = flow.add(perform::job(Action::say("on failure")).after_failed(&fork));
        flow.add(perform::job(Action::say("behind the failure")).after(&failed));
        let always = flow.add(judge::job().after(&fork));
        let flow = flow.enqueue().await.unwrap();
        let judged = flow.job(&always).wait().await.unwrap();
        assert_eq!(judged.starts_with("ok"), taken == "on success", "{judged}");
        bench.hear(taken).await;
        if taken == "on success" {
            flow.wait().await.unwrap();
            let status = flow.status().await.unwrap();
            assert_eq!((status.counts.skipped, status.state), (2, BatchState::Succeeded));
        } else {
            bench.hear("behind the failure").await;
            flow.wait().await.unwrap_err();
            let status = flow.status().await.unwrap();
            assert_eq!((status.counts.skipped, status.state), (1, BatchState::Failed));
            assert_eq!(flow.requeue_failed().await.unwrap(), 1);
            assert_eq!(flow.status().await.unwrap().counts.skipped, 0, "it is restored");
        }
    }
}

pub(crate) async fn a_workflow_whose_rest_waits_for_a_failed_job_is_stuck(bench: Bench) {
    let mut flow = Workflow::new("stuck");
    let first = flow.add(super::jobs::fail_once::job());
    let inside = Batch::new("inside").add(double::job(1)).after(&first);
    let inside = flow.add_batch(inside);
    flow.add(double::job(2).after(&inside));
    let slow = flow.add(perform::job(Action::gate("slow")));
    let flow = flow.enqueue().await.unwrap();
    let around = Batch::mixed("around").add_batch(Batch::new("well").add(double::job(3)));
    let around = around.enqueue().await.unwrap();
    let runtime = bench.start().await;
    bench.hear("started").await;
    flow.job(&first).wait().await.unwrap_err();
    assert!(!flow.status().await.unwrap().is_stuck(), "one still runs");
    bench.probe().open("slow");
    flow.job(&slow).wait().await.unwrap();
    runtime.drain().await.unwrap();
    assert!(flow.status().await.unwrap().is_stuck());
    let batches = bench.client().batches(None, 9).await.unwrap();
    let stuck = batches.iter().filter(|batch| batch.is_stuck()).map(|batch| batch.id);
    assert_eq!(stuck.collect::<Vec<_>>(), [flow.id()]);
    around.wait().await.unwrap();
    flow.requeue_failed().await.unwrap();
    flow.wait().await.unwrap();
}

pub(crate) async fn a_failure_is_handed_to_the_branch_that_waits_for_it(bench: Bench) {
    let mut flow = Workflow::new("regret");
    let fork = flow.add(perform::job(Action::Fatal("no".to_owned())));
    let sorry = flow.add(regret::job().after_failed(&fork));
    let flow = flow.enqueue().await.unwrap();
    let _runtime = bench.start().await;
    assert_eq!(flow.job(&sorry).wait().await.unwrap(), "sorry: no");
}

pub(crate) async fn no_cycle_can_be_stored(bench: Bench) {
    // By nodes none can be written down; by ids neither is one stored.
    let first = perform::job(Action::ok());
    let second = perform::job(Action::ok()).after(first.id());
    let first = first.after(second.id());
    let mut flow = Workflow::new("cycle");
    flow.add(first);
    flow.add(second);
    let error = flow.enqueue().await.unwrap_err();
    assert!(matches!(error, Error::UnknownParent { .. }), "{error}");

    let inner = Batch::new("inner");
    let inside = perform::job(Action::ok()).after(inner.id());
    let error = inner.add(inside).enqueue().await.unwrap_err();
    assert!(matches!(error, Error::OwnBatch { .. }), "{error}");

    let mut flow = Workflow::new("own");
    let own = perform::job(Action::ok()).after(flow.id());
    flow.add(own);
    let error = flow.enqueue().await.unwrap_err();
    assert!(matches!(error, Error::OwnBatch { .. }), "{error}");

    let after = perform::job(Action::ok());
    let around = Batch::new("around").add(double::job(1)).after(after.id());
    let around = around.then(after);
    let error = around.enqueue().await.unwrap_err();
    assert!(matches!(error, Error::UnknownParent { .. }), "{error}");
    assert_eq!(bench.client().batches(None, 10).await.unwrap(), []);
    assert_eq!(bench.client().counts().await.unwrap().awaiting, 0);
}

pub(crate) async fn ten_thousand_nodes_are_stored_in_one_call(bench: Bench) {
    let mut flow = Workflow::new("wide and deep");
    let start = flow.add(double::job(0));
    let mut last = Vec::new();
    for _ in 0..100 {
        let mut node = flow.add(double::job(1).after(&start));
        for _ in 0..98 {
            node = flow.add(double::job(2).after(&node));
        }
        last.push(node);
    }
    for node in &last {
        flow.add(double::job(3).after(node));
    }
    let flow = flow.enqueue().await.unwrap();
    assert_eq!(flow.status().await.unwrap().counts.total, 10_001);
    assert_eq!(bench.client().counts().await.unwrap().awaiting, 10_000);
    let _runtime = bench.start().await;
    flow.wait().await.unwrap();
    assert_eq!(flow.status().await.unwrap().counts.succeeded, 10_001);
}

pub(crate) async fn a_cancelled_workflow_runs_no_further(bench: Bench) {
    let mut flow = Workflow::new("stopped");
    let first = flow.add(perform::job(Action::UntilTold));
    let second = flow.add(perform::job(Action::ok()).after(&first));
    let flow = flow.enqueue().await.unwrap();
    let runtime = bench.start().await;
    bench.hear("started").await;
    assert_eq!(flow.cancel().await.unwrap(), 2);
    runtime.drain().await.unwrap();
    assert_eq!(bench.state(&flow.job(&second)).await, JobState::Deleted);
    assert_eq!(flow.status().await.unwrap().state, BatchState::Deleted);
}
