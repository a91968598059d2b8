//! Outputs that parents hand to their children, and what deletion does to families.

use jobs_runtime::{JobState, WaitError};
use jobs_tests::Bench;

use super::jobs::{Action, double, join, judge, perform, settle, show};
use super::times::{DAY, HOUR, SECOND};

pub(crate) async fn a_child_takes_the_output_of_its_parent(bench: Bench) {
    let _runtime = bench.start().await;
    let parent = perform::enqueue(Action::say("hello")).await.unwrap();
    let child = show::continue_with(&parent, "> ").await.unwrap();
    assert_eq!(child.wait().await.unwrap(), "> hello");
    assert_eq!(bench.record(child.id()).await.input.as_deref(), Some("\"hello\""));
}

pub(crate) async fn a_parent_that_has_succeeded_hands_over_at_once(bench: Bench) {
    let _runtime = bench.start().await;
    let parent = perform::enqueue(Action::say("hello")).await.unwrap();
    parent.wait().await.unwrap();
    let child = show::continue_with(&parent, "> ").await.unwrap();
    assert_eq!(child.wait().await.unwrap(), "> hello");
}

pub(crate) async fn a_result_tells_success_failure_and_deletion(bench: Bench) {
    let _runtime = bench.start().await;
    let good = perform::enqueue(Action::say("hello")).await.unwrap();
    let bad = perform::job(Action::fail()).retries(0).enqueue().await.unwrap();
    let gone = perform::schedule_in(HOUR, Action::ok()).await.unwrap();
    let children = [
        (judge::continue_with(&good).await.unwrap(), "ok: hello"),
        (judge::continue_with(&bad).await.unwrap(), "err: order 7 was not saved: no luck"),
        (judge::continue_with(&gone).await.unwrap(), "err: by request"),
    ];
    gone.cancel().await.unwrap();
    for (child, expected) in children {
        assert_eq!(child.wait().await.unwrap(), expected);
    }
    for (parent, expected) in [
        (good, "ok: hello"),
        (bad, "err: order 7 was not saved: no luck"),
        (gone, "err: by request"),
    ] {
        let child = judge::continue_with(&parent).await.unwrap();
        assert_eq!(child.wait().await.unwrap(), expected, "of a parent that had settled");
    }
}

pub(crate) async fn several_parents_fill_a_tuple_in_their_order(bench: Bench) {
    let text = perform::enqueue(Action::gate("text")).await.unwrap();
    let number = double::enqueue(21).await.unwrap();
    let child = join::job().after_all((&text, &number)).enqueue().await.unwrap();
    let _runtime = bench.start().await;
    number.wait().await.unwrap();
    bench.probe().open("text");
    assert_eq!(child.wait().await.unwrap(), "text42");
}

pub(crate) async fn a_tuple_can_hold_a_result(bench: Bench) {
    let _runtime = bench.start().await;
    let bad = perform::job(Action::fail()).retries(0).enqueue().await.unwrap();
    let number = double::enqueue(2).await.unwrap();
    let child = settle::job().after_all((&bad, &number)).enqueue().await.unwrap();
    assert_eq!(child.wait().await.unwrap(), "false 4");
}

pub(crate) async fn retention_of_the_parent_does_not_take_its_output_away(bench: Bench) {
    let parent = perform::job(Action::say("kept")).keep(HOUR).enqueue().await.unwrap();
    let child = show::job("> ").after(&parent);
    let runtime = bench.runtime().sweep_every(SECOND / 50).start().await.unwrap();
    bench.client().pause_queue("last").await.unwrap();
    let child = child.queue("last").enqueue().await.unwrap();
    parent.wait().await.unwrap();
    bench.until_state(&child, JobState::Enqueued).await;
    bench.advance(2 * HOUR).await;
    bench.until(async || bench.find(parent.id()).await.is_none()).await;
    bench.client().resume_queue("last").await.unwrap();
    assert_eq!(child.wait().await.unwrap(), "> kept");
    drop(runtime);
}

pub(crate) async fn retention_of_one_parent_leaves_its_output_for_the_join(bench: Bench) {
    let _runtime = bench.runtime().sweep_every(SECOND / 50).start().await.unwrap();
    let text = perform::job(Action::say("kept")).keep(HOUR).enqueue().await.unwrap();
    let number = double::schedule_in(2 * DAY, 3).await.unwrap();
    let child = join::job().after_all((&text, &number)).enqueue().await.unwrap();
    text.wait().await.unwrap();
    bench.advance(2 * HOUR).await;
    bench.until(async || bench.find(text.id()).await.is_none()).await;
    assert_eq!(bench.state(&child).await, JobState::Awaiting);
    bench.advance(2 * DAY).await;
    assert_eq!(child.wait().await.unwrap(), "kept6");
}

pub(crate) async fn a_retried_child_gets_the_same_input_again(bench: Bench) {
    let _runtime = bench.start().await;
    let parent = perform::enqueue(Action::say("hello")).await.unwrap();
    let child = show::continue_with(&parent, "> ").await.unwrap();
    child.wait().await.unwrap();
    child.requeue().await.unwrap();
    bench.until(async || bench.client().history(child.id()).await.unwrap().runs.len() == 2).await;
    assert_eq!(child.wait().await.unwrap(), "> hello");
}

pub(crate) async fn deleting_a_parent_deletes_its_whole_family(bench: Bench) {
    let parent = perform::schedule_in(HOUR, Action::ok()).await.unwrap();
    let child = show::continue_with(&parent, "> ").await.unwrap();
    let grandchild = perform::job(Action::ok()).after(&child).enqueue().await.unwrap();
    parent.cancel().await.unwrap();
    for job in [&child, &grandchild] {
        assert_eq!(bench.state(job).await, JobState::Deleted);
    }
    let reason = bench.record(child.id()).await.reason.unwrap();
    assert!(reason.contains(&parent.id().to_string()), "{reason}");
    let Err(WaitError::Deleted { reason, .. }) = grandchild.wait().await else {
        panic!("it was deleted")
    };
    assert!(reason.contains(&child.id().to_string()), "{reason}");
}

pub(crate) async fn requeueing_a_deleted_parent_restores_its_family(bench: Bench) {
    let parent = perform::schedule_in(HOUR, Action::say("back")).await.unwrap();
    let child = show::continue_with(&parent, "> ").await.unwrap();
    let grandchild = perform::job(Action::ok()).after(&child).enqueue().await.unwrap();
    parent.cancel().await.unwrap();
    parent.requeue().await.unwrap();
    for job in [&child, &grandchild] {
        assert_eq!(bench.state(job).await, JobState::Awaiting);
        let event = bench.client().history(job.id()).await.unwrap().events.pop().unwrap();
        assert_eq!((event.from, event.to), (JobState::Deleted, JobState::Awaiting));
    }
    let _runtime = bench.start().await;
    assert_eq!(grandchild.wait().await.unwrap(), "done");
    assert_eq!(child.wait().await.unwrap(), "> back");
}

pub(crate) async fn a_child_that_was_deleted_itself_is_not_restored(bench: Bench) {
    let parent = perform::schedule_in(HOUR, Action::ok()).await.unwrap();
    let child = perform::continue_with(&parent, Action::ok()).await.unwrap();
    child.cancel().await.unwrap();
    parent.cancel().await.unwrap();
    parent.requeue().await.unwrap();
    assert_eq!(bench.state(&child).await, JobState::Deleted);
}

pub(crate) async fn a_family_restored_is_no_longer_about_to_expire(bench: Bench) {
    let parent = perform::schedule_in(HOUR, Action::ok()).await.unwrap();
    let child = perform::continue_with(&parent, Action::ok()).await.unwrap();
    parent.cancel().await.unwrap();
    bench.client().reschedule(parent.id(), chrono::Utc::now() + 9 * DAY, None).await.unwrap();
    let _runtime = bench.runtime().sweep_every(SECOND / 50).start().await.unwrap();
    let other = perform::enqueue(Action::ok()).await.unwrap();
    other.wait().await.unwrap();
    bench.advance(2 * DAY).await;
    bench.until(async || bench.find(other.id()).await.is_none()).await;
    assert_eq!(bench.state(&child).await, JobState::Awaiting);
    assert_eq!(bench.state(&parent).await, JobState::Scheduled);
}
