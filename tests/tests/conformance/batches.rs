//! Sets of jobs with one end.

use std::time::Duration;

use jobs_runtime::prelude::*;
use jobs_runtime::{BatchCounts, BatchState, Error, JobFailure, JobState, Mixed, WaitError};
use jobs_tests::{Bench, Probe};

use super::jobs::{Action, double, perform};
use super::times::{DAY, HOUR};

#[job]
async fn add_up(#[from_parent] numbers: Vec<u32>) -> u32 {
    numbers.iter().sum()
}

#[job]
async fn conclude_batch(#[from_parent] numbers: Result<Vec<u32>, JobFailure>) -> String {
    match numbers {
        Ok(numbers) => format!("{numbers:?}"),
        Err(failure) => failure.message,
    }
}

#[job(retries = 0)]
async fn even(n: u32, #[inject] probe: State<Probe>) -> anyhow::Result<u32> {
    let tries = probe.tally(&n.to_string());
    anyhow::ensure!(n.is_multiple_of(2) || tries > 1, "{n} is odd");
    Ok(n)
}

/// Adds so many jobs to its own batch.
#[job]
async fn spread(jobs: u32, ctx: JobContext) -> anyhow::Result<u32> {
    let batch = ctx.batch().ok_or_else(|| anyhow::anyhow!("it is in no batch"))?;
    batch.add_all((0..jobs).map(double::job)).await?;
    Ok(jobs)
}

async fn counts<T>(batch: &BatchHandle<T>) -> BatchCounts {
    batch.status().await.unwrap().counts
}

async fn state<T>(batch: &BatchHandle<T>) -> BatchState {
    batch.status().await.unwrap().state
}

async fn until<T>(bench: &Bench, batch: &BatchHandle<T>, expected: BatchState) {
    bench.until(async || state(batch).await == expected).await;
}

/// The counters of a batch of jobs alone are what the states of these jobs say.
async fn check<T, U>(bench: &Bench, batch: &BatchHandle<T>, jobs: &[JobHandle<U>]) {
    let (mut succeeded, mut failed, mut gone) = (0, 0, 0);
    for job in jobs {
        match bench.state(job).await {
            JobState::Succeeded => succeeded += 1,
            JobState::Failed => failed += 1,
            JobState::Deleted => gone += 1,
            _ => {}
        }
    }
    let counts = counts(batch).await;
    assert_eq!(counts.total, jobs.len() as u64);
    let counted = (counts.succeeded, counts.failed, counts.deleted + counts.skipped);
    assert_eq!(counted, (succeeded, failed, gone), "{counts:?}");
    assert_eq!(counts.pending, counts.total - counts.settled());
}

fn handles(bench: &Bench, ids: &[JobId]) -> Vec<JobHandle<String>> {
    ids.iter().map(|id| bench.client().handle(*id)).collect()
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

pub(crate) async fn a_cancelled_batch_deletes_what_is_not_final(bench: Bench) {
    let runtime = bench.start().await;
    let running = perform::job(Action::UntilTold);
    let jobs = [
        perform::job(Action::ok()),
        perform::job(Action::ok()).delay(HOUR),
        perform::job(Action::ok()).after(running.id()),
    ];
    let mut ids = vec![running.id()];
    ids.extend(jobs.iter().map(jobs_runtime::JobRequest::id));
    let inside = Batch::new("inside").add(double::job(1).delay(HOUR));
    let batch = Batch::new("all sorts").add(running).add_all(jobs).add_batch(inside);
    let batch = batch.enqueue().await.unwrap();
    let after = perform::job(Action::ok()).after(&batch).enqueue().await.unwrap();
    let jobs = handles(&bench, &ids);
    bench.hear("started").await;
    jobs[1].wait().await.unwrap();

    assert_eq!(batch.cancel().await.unwrap(), 4);
    bench.hear("told").await;
    assert_eq!(state(&batch).await, BatchState::Deleted);
    let counts = counts(&batch).await;
    assert_eq!((counts.succeeded, counts.deleted), (1, 4), "the batch inside is one of them");
    assert_eq!(bench.state(&after).await, JobState::Deleted);
    let error = batch.add(double::job(2)).await.unwrap_err();
    assert!(matches!(error, Error::BatchClosed { .. }), "{error}");
    assert_eq!(batch.cancel().await.unwrap(), 0);
    runtime.drain().await.unwrap();
    assert_eq!(bench.client().counts().await.unwrap().succeeded, 1);
}

pub(crate) async fn a_batch_that_was_cancelled_half_is_cancelled_by_a_server(bench: Bench) {
    let batch = Batch::new("left").add_all((0..3).map(|n| double::job(n).delay(HOUR)));
    let batch = batch.enqueue().await.unwrap();
    let mut own = bench.own().await;
    own.execute("UPDATE {p}batch SET cancelled = true").await;
    let _runtime = bench.runtime().sweep_every(Duration::from_millis(20)).start().await.unwrap();
    until(&bench, &batch, BatchState::Deleted).await;
    assert_eq!(counts(&batch).await.deleted, 3);
}

pub(crate) async fn jobs_that_wait_for_a_throttle_are_cancelled_with_their_batch(bench: Bench) {
    let one = || jobs_runtime::Throttle::concurrency("one", 1);
    let jobs = (0..5).map(|_| perform::job(Action::gate("go")).throttle(one()));
    let batch = Batch::new("throttled").add_all(jobs).enqueue().await.unwrap();
    let runtime = bench.start().await;
    bench.hear("started").await;
    bench.until(async || bench.client().throttles().await.unwrap()[0].waiting == 4).await;
    assert_eq!(batch.cancel().await.unwrap(), 5);
    assert_eq!(state(&batch).await, BatchState::Deleted);
    bench.probe().open("go");
    runtime.drain().await.unwrap();
    let throttle = &bench.client().throttles().await.unwrap()[0];
    assert_eq!((throttle.used, throttle.waiting), (0, 0));
}

pub(crate) async fn a_batch_inside_another_counts_as_one_member(bench: Bench) {
    let inner = Batch::new("inner").add_all((0..3).map(even::job));
    let (inner_id, outer) = (inner.id(), Batch::mixed("outer").add_any(perform::job(Action::ok())));
    let outer = outer.add_batch(inner).enqueue().await.unwrap();
    let inner: BatchHandle<u32> = bench.client().batch_handle(inner_id);
    let after = perform::job(Action::ok()).after(&outer).enqueue().await.unwrap();
    assert_eq!(counts(&outer).await.total, 2);
    let runtime = bench.start().await;
    runtime.drain().await.unwrap();
    assert!(inner.status().await.unwrap().is_stuck());
    assert_eq!((counts(&outer).await.pending, state(&outer).await), (1, BatchState::Open));
    assert_eq!(outer.requeue_failed().await.unwrap(), 1, "that of the batch inside");
    outer.wait().await.unwrap();
    assert_eq!(inner.wait().await.unwrap(), [0, 1, 2]);
    after.wait().await.unwrap();
    let roots = bench.client().batches(None, 10).await.unwrap();
    assert_eq!(roots.iter().map(|batch| batch.id).collect::<Vec<_>>(), [outer.id()]);
    assert_eq!(inner.status().await.unwrap().parent, Some(outer.id()));
}

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

pub(crate) async fn a_batch_waits_for_a_job_and_a_batch(bench: Bench) {
    let first = perform::job(Action::gate("first")).enqueue().await.unwrap();
    let second = Batch::new("second").add(perform::job(Action::gate("second")));
    let second = second.enqueue().await.unwrap();
    let third = Batch::new("third").add_all((0..3).map(double::job)).after(&first).after(&second);
    let third = third.then(Batch::new("fourth").add(perform::job(Action::say("fourth"))));
    let third = third.enqueue().await.unwrap();
    let runtime = bench.start().await;
    assert_eq!(state(&third).await, BatchState::Awaiting);
    assert_eq!(bench.client().counts().await.unwrap().awaiting, 4);
    bench.probe().open("first");
    first.wait().await.unwrap();
    assert_eq!(state(&third).await, BatchState::Awaiting);
    bench.probe().open("second");
    assert_eq!(third.wait().await.unwrap(), [0, 2, 4]);
    bench.hear("fourth").await;
    runtime.drain().await.unwrap();
    let late = Batch::new("late").add(double::job(4)).after(&third).enqueue().await.unwrap();
    assert_eq!(late.wait().await.unwrap(), [8]);
}

pub(crate) async fn a_batch_whose_parent_is_deleted_is_skipped_and_restored(bench: Bench) {
    let parent = perform::schedule_in(HOUR, Action::ok()).await.unwrap();
    let inside = Batch::new("inside").add(perform::job(Action::ok()));
    let inside_id = inside.id();
    let batch = Batch::new("child").add(perform::job(Action::ok())).after(&parent);
    let batch = batch.add_batch(inside).enqueue().await.unwrap();
    let empty = Batch::<u32>::new("empty").after(&parent).enqueue().await.unwrap();
    let after = perform::job(Action::ok()).after(&batch).enqueue().await.unwrap();
    let inside: BatchHandle<Mixed> = bench.client().batch_handle(inside_id);
    parent.cancel().await.unwrap();
    assert_eq!(bench.state(&after).await, JobState::Deleted);
    let late = Batch::new("late").add(perform::job(Action::ok())).after(&parent);
    let late = late.enqueue().await.unwrap();
    for state_now in
        [state(&batch).await, state(&inside).await, state(&empty).await, state(&late).await]
    {
        assert_eq!(state_now, BatchState::Skipped);
    }
    assert_eq!(counts(&batch).await.skipped, 2);

    parent.requeue().await.unwrap();
    for state_now in
        [state(&batch).await, state(&inside).await, state(&empty).await, state(&late).await]
    {
        assert_eq!(state_now, BatchState::Awaiting);
    }
    let _runtime = bench.start().await;
    batch.wait().await.unwrap();
    late.wait().await.unwrap();
    empty.wait().await.unwrap();
    after.wait().await.unwrap();
}

pub(crate) async fn a_running_job_adds_to_its_batch(bench: Bench) {
    let batch = Batch::new("spread").add_all([spread::job(20), spread::job(5)]);
    let batch = batch.then(add_up::job()).enqueue().await.unwrap();
    let runtime = bench.start().await;
    let outputs = batch.wait().await.unwrap();
    assert_eq!(outputs.len(), 27);
    assert_eq!(counts(&batch).await.succeeded, 27);
    runtime.drain().await.unwrap();
    let error = batch.add(double::job(1)).await.unwrap_err();
    let Error::BatchClosed { state, .. } = error else { panic!("{error}") };
    assert_eq!(state, BatchState::Succeeded);
    let nobody: BatchHandle<u32> = bench.client().batch_handle(jobs_runtime::BatchId::new());
    let error = nobody.add(double::job(1)).await.unwrap_err();
    assert!(matches!(error, Error::UnknownBatch { .. }), "{error}");
}

pub(crate) async fn jobs_that_join_a_batch_that_waits_wait_with_it(bench: Bench) {
    let parent = perform::job(Action::gate("go")).enqueue().await.unwrap();
    let batch = Batch::new("later").add(double::job(1)).after(&parent).enqueue().await.unwrap();
    let joined = batch.add(double::job(2)).await.unwrap();
    assert_eq!(bench.state(&joined).await, JobState::Awaiting);
    let _runtime = bench.start().await;
    bench.probe().open("go");
    assert_eq!(batch.wait().await.unwrap(), [2, 4]);
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

pub(crate) async fn the_jobs_of_a_batch_stay_as_long_as_it_and_go_with_it(bench: Bench) {
    let (gate, done) = (perform::job(Action::gate("go")), perform::job(Action::ok()));
    let (last, first) = (gate.id(), done.id());
    let inside = Batch::new("inside").add(double::job(1));
    let inside_id = inside.id();
    let batch = Batch::new("all").add(done).add(gate).add_batch(inside).enqueue().await.unwrap();
    let runtime = bench.runtime().sweep_every(Duration::from_millis(20)).start().await.unwrap();
    let [first, last] = handles(&bench, &[first, last]).try_into().unwrap();
    first.wait().await.unwrap();
    bench.hear("started").await;
    let other = perform::enqueue(Action::ok()).await.unwrap();
    other.wait().await.unwrap();
    bench.advance(2 * DAY).await;
    bench.until(async || bench.find(other.id()).await.is_none()).await;
    assert!(bench.find(first.id()).await.is_some(), "its batch is open");
    bench.probe().open("go");
    batch.wait().await.unwrap();
    bench.advance(DAY / 2).await;
    let third = perform::enqueue(Action::ok()).await.unwrap();
    third.wait().await.unwrap();
    assert!(bench.find(last.id()).await.is_some());
    bench.advance(DAY * 3 / 4).await;
    bench.until(async || bench.client().batch(batch.id()).await.unwrap().is_none()).await;
    for job in [&first, &last] {
        assert!(bench.find(job.id()).await.is_none());
    }
    assert_eq!(bench.client().batch(inside_id).await.unwrap(), None);
    assert!(bench.find(third.id()).await.is_some());
    runtime.shutdown().await.unwrap();
}

pub(crate) async fn a_batch_that_is_removed_leaves_nothing(bench: Bench) {
    let inside = Batch::new("inside").add(double::job(1));
    let batch = Batch::new("all").add(double::job(2)).add_batch(inside).keep(HOUR);
    let batch = batch.then(double::job(3)).enqueue().await.unwrap();
    let runtime = bench.runtime().sweep_every(Duration::from_millis(20)).start().await.unwrap();
    batch.wait().await.unwrap();
    runtime.drain().await.unwrap();
    bench.advance(2 * DAY).await;
    let mut own = bench.own().await;
    for table in ["batch", "batch_member", "job_edge", "job_awaiting", "job_attempt", "job"] {
        loop {
            // Looked at until it is so, since nothing signals it.
            match own.number(&format!("SELECT count(*) FROM {{p}}{table}")).await {
                0 => break,
                _ => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    }
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
