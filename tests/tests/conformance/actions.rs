//! Deleting, requeueing and rescheduling, from every state.

use chrono::Utc;
use jobs_runtime::{Acted, Backoff, JobHandle, JobId, JobState, Placement};
use jobs_tests::Bench;

use super::jobs::{Action, perform, show};
use super::times::{HOUR, SECOND};

/// A job in each state but Processing; no server may be running.
async fn one_in_each_state(bench: &Bench) -> Vec<(JobState, JobHandle<String>)> {
    let runtime = bench.start().await;
    let succeeded = perform::enqueue(Action::ok()).await.unwrap();
    let failed = perform::job(Action::fail()).retries(0).enqueue().await.unwrap();
    succeeded.wait().await.unwrap();
    failed.wait().await.unwrap_err();
    runtime.shutdown().await.unwrap();
    let enqueued = perform::enqueue(Action::ok()).await.unwrap();
    let scheduled = perform::schedule_in(HOUR, Action::ok()).await.unwrap();
    let parent = perform::schedule_in(1_000 * HOUR, Action::ok()).await.unwrap();
    let awaiting = perform::continue_with(&parent, Action::ok()).await.unwrap();
    let deleted = perform::enqueue(Action::ok()).await.unwrap();
    deleted.cancel().await.unwrap();
    let jobs = vec![
        (JobState::Succeeded, succeeded),
        (JobState::Failed, failed),
        (JobState::Enqueued, enqueued),
        (JobState::Scheduled, scheduled),
        (JobState::Awaiting, awaiting),
        (JobState::Deleted, deleted),
    ];
    for (state, job) in &jobs {
        assert_eq!(bench.state(job).await, *state);
    }
    jobs
}

pub(crate) async fn a_job_can_be_deleted_from_every_state(bench: Bench) {
    for (state, job) in one_in_each_state(&bench).await {
        let acted = bench.client().delete(job.id(), None).await.unwrap();
        match state {
            JobState::Deleted => assert!(matches!(acted, Acted::Refused(_)), "{acted:?}"),
            _ => assert_eq!(acted, Acted::Done, "{state}"),
        }
        let record = bench.record(job.id()).await;
        assert_eq!(record.placement.state, JobState::Deleted, "{state}");
        assert_eq!(record.reason.as_deref(), Some("by request"), "{state}");
        let event = bench.client().history(job.id()).await.unwrap().events.pop().unwrap();
        assert_eq!(event.to, JobState::Deleted, "{state}");
        if state != JobState::Deleted {
            assert_eq!(event.from, state);
        }
    }
}

pub(crate) async fn a_job_can_be_requeued_from_every_state(bench: Bench) {
    for (state, job) in one_in_each_state(&bench).await {
        let acted = bench.client().requeue(job.id(), None).await.unwrap();
        match state {
            JobState::Enqueued => assert!(matches!(acted, Acted::Refused(_)), "{acted:?}"),
            _ => assert_eq!(acted, Acted::Done, "{state}"),
        }
        assert_eq!(bench.state(&job).await, JobState::Enqueued, "{state}");
        if state != JobState::Enqueued {
            let event = bench.client().history(job.id()).await.unwrap().events.pop().unwrap();
            assert_eq!((event.from, event.to), (state, JobState::Enqueued));
        }
    }
    let runtime = bench.start().await;
    runtime.drain().await.unwrap();
    assert_eq!(bench.client().counts().await.unwrap().enqueued, 0);
}

pub(crate) async fn a_job_can_be_rescheduled_from_every_state(bench: Bench) {
    for (state, job) in one_in_each_state(&bench).await {
        let at = Utc::now() + 5 * HOUR;
        let acted = bench.client().reschedule(job.id(), at, None).await.unwrap();
        assert_eq!(acted, Acted::Done, "{state}");
        let record = bench.record(job.id()).await;
        assert_eq!(record.placement.state, JobState::Scheduled, "{state}");
        let due_at = record.due_at.unwrap();
        assert_eq!(due_at.timestamp_micros(), at.timestamp_micros(), "{state}");
    }
}

pub(crate) async fn an_action_on_what_has_moved_on_changes_nothing(bench: Bench) {
    for (state, job) in one_in_each_state(&bench).await {
        let now = bench.record(job.id()).await.placement;
        let stale = Placement { version: now.version + 1, ..now };
        let other = if state == JobState::Failed { JobState::Succeeded } else { JobState::Failed };
        let wrong = Placement { state: other, ..now };
        let client = bench.client();
        for seen in [stale, wrong] {
            let acts = [
                client.delete(job.id(), Some(seen)).await.unwrap(),
                client.requeue(job.id(), Some(seen)).await.unwrap(),
                client.reschedule(job.id(), Utc::now() + HOUR, Some(seen)).await.unwrap(),
            ];
            assert!(acts.iter().all(|acted| *acted == Acted::MovedOn(now)), "{state}: {acts:?}");
        }
        assert_eq!(bench.record(job.id()).await.placement, now, "{state}");
    }
}

pub(crate) async fn an_action_on_what_was_seen_is_done(bench: Bench) {
    for (state, job) in one_in_each_state(&bench).await {
        if state == JobState::Deleted {
            continue;
        }
        let seen = job.state().await.unwrap().unwrap();
        let acted = bench.client().delete(job.id(), Some(seen)).await.unwrap();
        assert_eq!(acted, Acted::Done, "{state}");
        let again = bench.client().delete(job.id(), Some(seen)).await.unwrap();
        assert!(matches!(again, Acted::MovedOn(_)), "{state}: {again:?}");
    }
}

pub(crate) async fn every_new_place_has_another_version(bench: Bench) {
    let job = perform::enqueue(Action::ok()).await.unwrap();
    let mut seen = vec![bench.record(job.id()).await.placement];
    for _ in 0..3 {
        job.cancel().await.unwrap();
        seen.push(bench.record(job.id()).await.placement);
        job.requeue().await.unwrap();
        seen.push(bench.record(job.id()).await.placement);
    }
    let distinct: std::collections::HashSet<_> = seen.iter().collect();
    assert_eq!(distinct.len(), seen.len(), "{seen:?}");
}

pub(crate) async fn a_job_that_does_not_exist_cannot_be_acted_on(bench: Bench) {
    let (client, id) = (bench.client(), JobId::new());
    assert_eq!(client.delete(id, None).await.unwrap(), Acted::Gone);
    assert_eq!(client.requeue(id, None).await.unwrap(), Acted::Gone);
    assert_eq!(client.reschedule(id, Utc::now(), None).await.unwrap(), Acted::Gone);
    assert!(client.job(id).await.unwrap().is_none());
    assert!(client.handle::<()>(id).state().await.unwrap().is_none());
}

pub(crate) async fn a_requeued_job_has_all_its_attempts_before_it(bench: Bench) {
    let _runtime = bench.start().await;
    let job = perform::job(Action::fail()).retries(1).backoff(Backoff::Fixed(SECOND / 1_000));
    let job = job.enqueue().await.unwrap();
    job.wait().await.unwrap_err();
    assert_eq!(bench.probe().runs(job.id()), 2);
    job.requeue().await.unwrap();
    job.wait().await.unwrap_err();
    assert_eq!(bench.probe().runs(job.id()), 4);
    let runs = bench.client().history(job.id()).await.unwrap().runs;
    assert_eq!(runs.iter().map(|run| run.run).collect::<Vec<_>>(), [0, 1, 2, 3]);
}

pub(crate) async fn a_deleted_job_is_not_run(bench: Bench) {
    let job = perform::enqueue(Action::ok()).await.unwrap();
    job.cancel().await.unwrap();
    let runtime = bench.start().await;
    perform::enqueue(Action::ok()).await.unwrap().wait().await.unwrap();
    runtime.drain().await.unwrap();
    assert_eq!(bench.probe().runs(job.id()), 0);
    assert_eq!(bench.state(&job).await, JobState::Deleted);
}

pub(crate) async fn a_succeeded_job_that_is_requeued_runs_again(bench: Bench) {
    let _runtime = bench.start().await;
    let job = perform::enqueue(Action::ok()).await.unwrap();
    job.wait().await.unwrap();
    assert_eq!(job.requeue().await.unwrap(), Acted::Done);
    bench.until(async || bench.probe().runs(job.id()) == 2).await;
    assert_eq!(job.wait().await.unwrap(), "done");
    assert_eq!(bench.client().history(job.id()).await.unwrap().runs.len(), 2);
}

pub(crate) async fn a_job_that_needs_an_output_cannot_be_requeued_before_its_parent_ends(
    bench: Bench,
) {
    let parent = perform::enqueue(Action::say("text")).await.unwrap();
    let child = show::continue_with(&parent, "> ").await.unwrap();
    let acted = child.requeue().await.unwrap();
    assert!(matches!(acted, Acted::Refused(reason) if reason.contains("parent")), "{acted:?}");
    let _runtime = bench.start().await;
    assert_eq!(child.wait().await.unwrap(), "> text");
}
