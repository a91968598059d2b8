//! Jobs that end in a transaction of their own, together with what they have written.

use std::time::Duration;

use jobs_runtime::prelude::*;
use jobs_runtime::{Error, JobState, RunEnd};
use jobs_tests::{Bench, Own, Place, Probe};
use serde::{Deserialize, Serialize};

use super::jobs::{Action, perform, show};
use super::servers::{rescuer, silent};
use super::times::HOUR;

/// What becomes of a job's transaction, and of the job after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Then {
    Commit,
    CommitAndFail,
    RollBack,
    /// In the first attempt; the second one commits.
    RollBackAndFail,
    /// The function returns before it, and another task commits when the gate is open.
    LeaveOpen,
    /// Says so before the commit, which waits for the gate.
    Wait,
    /// Says so before it begins, which waits for the gate.
    BeginLater,
}

/// Writes one effect, and its own end with it.
#[job(retries = 1, backoff = "0s")]
pub(crate) async fn transfer(
    then: Then,
    ctx: JobContext,
    #[inject] place: State<Place>,
    #[inject] probe: State<Probe>,
) -> anyhow::Result<String> {
    let run = probe.begin(&ctx);
    if then == Then::BeginLater {
        probe.say(&ctx, format!("run {run}"));
        probe.pass(&format!("run {run}")).await;
    }
    let mut own = Own::connect(&place).await;
    own.begin().await;
    own.execute("INSERT INTO {p}effect VALUES (1)").await;
    let completed = ctx.complete_in(own.transaction(), &format!("completed in run {run}")).await;
    if let Err(error) = completed {
        probe.say(&ctx, error.to_string());
        own.execute("ROLLBACK").await;
        return Err(error.into());
    }
    match then {
        Then::RollBackAndFail if run == 1 => {
            own.execute("ROLLBACK").await;
            anyhow::bail!("rolled back")
        }
        Then::RollBack => own.execute("ROLLBACK").await,
        Then::LeaveOpen => {
            tokio::spawn(async move {
                probe.pass("commit").await;
                own.execute("COMMIT").await;
            });
        }
        Then::Wait => {
            probe.say(&ctx, "uncommitted");
            probe.pass("commit").await;
            own.execute("COMMIT").await;
        }
        _ => own.execute("COMMIT").await,
    }
    match then {
        Then::CommitAndFail => anyhow::bail!("after the commit"),
        _ => Ok("returned".to_owned()),
    }
}

async fn effects(bench: &Bench) -> i64 {
    bench.own().await.number("SELECT count(*) FROM {p}effect").await
}

async fn with_table(bench: &Bench) {
    bench.own().await.execute("CREATE TABLE {p}effect (id integer)").await;
}

pub(crate) async fn effects_and_success_commit_together(bench: Bench) {
    with_table(&bench).await;
    let _runtime = bench.start().await;
    let mut jobs = Vec::new();
    for _ in 0..10 {
        jobs.push(transfer::enqueue(Then::Commit).await.unwrap());
        jobs.push(transfer::enqueue(Then::CommitAndFail).await.unwrap());
    }
    for job in &jobs {
        assert_eq!(job.wait().await.unwrap(), "completed in run 1");
        let runs = bench.client().history(job.id()).await.unwrap().runs;
        assert_eq!(runs.len(), 1);
        assert_eq!(runs[0].end, RunEnd::Succeeded);
        assert_eq!(bench.probe().runs(job.id()), 1);
    }
    assert_eq!(effects(&bench).await, 20);
}

pub(crate) async fn after_a_rollback_the_job_ends_as_it_returns(bench: Bench) {
    with_table(&bench).await;
    let _runtime = bench.start().await;
    let job = transfer::enqueue(Then::RollBack).await.unwrap();
    assert_eq!(job.wait().await.unwrap(), "returned");
    assert_eq!(effects(&bench).await, 0);
    let job = transfer::enqueue(Then::RollBackAndFail).await.unwrap();
    assert_eq!(job.wait().await.unwrap(), "completed in run 2");
    assert_eq!(effects(&bench).await, 1);
    let runs = bench.client().history(job.id()).await.unwrap().runs;
    assert_eq!(runs[0].failure.as_ref().unwrap().message, "rolled back");
}

pub(crate) async fn a_transaction_that_is_still_open_decides_when_it_ends(bench: Bench) {
    with_table(&bench).await;
    let _runtime = bench.start().await;
    let job = transfer::enqueue(Then::LeaveOpen).await.unwrap();
    bench.until(async || bench.probe().runs(job.id()) == 1).await;
    bench.probe().open("commit");
    assert_eq!(job.wait().await.unwrap(), "completed in run 1");
    assert_eq!(effects(&bench).await, 1);
    let runs = bench.client().history(job.id()).await.unwrap().runs;
    assert_eq!(runs.len(), 1);
}

pub(crate) async fn a_continuation_is_handed_what_was_committed(bench: Bench) {
    with_table(&bench).await;
    let _runtime = bench.start().await;
    for then in [Then::Commit, Then::CommitAndFail] {
        let parent = transfer::job(then).delay(HOUR).enqueue().await.unwrap();
        let child = show::continue_with(&parent, "> ").await.unwrap();
        bench.advance(HOUR).await;
        assert_eq!(child.wait().await.unwrap(), "> completed in run 1");
    }
}

pub(crate) async fn a_job_that_was_deleted_cannot_complete(bench: Bench) {
    with_table(&bench).await;
    let _runtime = bench.start().await;
    let deleted = transfer::enqueue(Then::BeginLater).await.unwrap();
    bench.hear("run 1").await;
    deleted.cancel().await.unwrap();
    bench.probe().open("run 1");
    let note = bench.heard().await;
    assert!(note.text.contains("was taken from this server"), "{}", note.text);
    assert_eq!(bench.state(&deleted).await, JobState::Deleted);
    assert_eq!(effects(&bench).await, 0);
}

pub(crate) async fn a_job_that_runs_elsewhere_by_now_cannot_complete(bench: Bench) {
    with_table(&bench).await;
    let zombie = silent(&bench).await;
    let job = transfer::enqueue(Then::BeginLater).await.unwrap();
    bench.hear("run 1").await;
    bench.advance(3 * HOUR).await;
    let rescuer = rescuer(&bench).start().await.unwrap();
    bench.hear("run 2").await;
    bench.probe().open("run 1");
    let note = bench.heard().await;
    assert!(note.text.contains("was taken from this server"), "{}", note.text);
    assert_eq!(effects(&bench).await, 0);
    bench.probe().open("run 2");
    assert_eq!(job.wait().await.unwrap(), "completed in run 2");
    assert_eq!(effects(&bench).await, 1);
    zombie.shutdown().await.unwrap();
    rescuer.shutdown().await.unwrap();
}

#[job(retries = 0)]
pub(crate) async fn complete_wrongly(
    ctx: JobContext,
    #[inject] place: State<Place>,
    #[inject] probe: State<Probe>,
) -> anyhow::Result<u32> {
    let mut foreign = Own::connect(&Place::sqlite_memory()).await;
    foreign.begin().await;
    let refused = ctx.complete_in(foreign.transaction(), &1_u32).await.unwrap_err();
    assert!(matches!(refused, Error::ForeignTransaction { .. }), "{refused}");

    let mut own = Own::connect(&place).await;
    own.begin().await;
    let refused = ctx.complete_in(own.transaction(), &"one").await.unwrap_err();
    assert!(matches!(refused, Error::OutputType { expected: "u32", .. }), "{refused}");
    own.execute("ROLLBACK").await;

    own.begin().await;
    ctx.complete_in(own.transaction(), &1_u32).await?;
    let again = ctx.complete_in(own.transaction(), &2_u32).await.unwrap_err();
    assert!(matches!(again, Error::AlreadyCompleted { .. }), "{again}");
    own.execute("COMMIT").await;

    // A job that outlives its run has no end to write.
    tokio::spawn(async move {
        probe.pass("over").await;
        own.begin().await;
        let late = ctx.complete_in(own.transaction(), &3_u32).await.unwrap_err();
        own.execute("ROLLBACK").await;
        probe.say(&ctx, late.to_string());
    });
    Ok(4)
}

pub(crate) async fn what_cannot_be_completed_is_refused_by_name(bench: Bench) {
    let _runtime = bench.start().await;
    let job = complete_wrongly::enqueue().await.unwrap();
    assert_eq!(job.wait().await.unwrap(), 1);
    bench.probe().open("over");
    let late = bench.heard().await.text;
    assert!(late.contains("written already"), "{late}");
}

pub(crate) async fn a_job_that_completes_holds_up_none_of_its_batch(bench: Bench) {
    with_table(&bench).await;
    let slow = transfer::enqueue(Then::Wait).await.unwrap();
    let others = [perform::job(Action::ok()), perform::job(Action::ok())];
    let others = bench.client().enqueue_all(others).await.unwrap();
    // All are claimed at once.
    let _runtime = bench.start().await;
    bench.hear("uncommitted").await;
    for other in others {
        assert_eq!(other.wait().await.unwrap(), "done");
    }
    assert_eq!(bench.state(&slow).await, JobState::Processing);
    bench.probe().open("commit");
    assert_eq!(slow.wait().await.unwrap(), "completed in run 1");
    // No lease is left.
    bench
        .until(async || bench.own().await.number("SELECT count(*) FROM {p}lease").await == 0)
        .await;
}

/// Hangs a job onto itself before it completes, in the same transaction.
#[job(retries = 0)]
pub(crate) async fn hang_onto_itself(
    ctx: JobContext,
    #[inject] place: State<Place>,
) -> anyhow::Result<()> {
    let mut own = Own::connect(&place).await;
    own.begin().await;
    perform::job(Action::ok()).after(ctx.id()).enqueue_in(own.transaction()).await?;
    let held = ctx.complete_in(own.transaction(), &()).await.unwrap_err();
    assert!(matches!(held, Error::LeaseHeld { .. }), "{held}");
    own.execute("ROLLBACK").await;

    own.begin().await;
    ctx.complete_in(own.transaction(), &()).await?;
    perform::job(Action::ok()).after(ctx.id()).enqueue_in(own.transaction()).await?;
    own.execute("COMMIT").await;
    Ok(())
}

pub(crate) async fn what_a_transaction_itself_holds_is_not_waited_for(bench: Bench) {
    let _runtime = bench.start().await;
    hang_onto_itself::enqueue().await.unwrap().wait().await.unwrap();
    bench.client().wake();
    assert_eq!(bench.heard().await.text, "done");
}

pub(crate) async fn a_timeout_after_the_commit_changes_nothing(bench: Bench) {
    with_table(&bench).await;
    let _runtime = bench.start().await;
    let job = hang_after_commit::enqueue().await.unwrap();
    assert_eq!(job.wait().await.unwrap(), "committed");
    assert_eq!(bench.probe().runs(job.id()), 1);
}

#[job(timeout = "1s", retries = 1, backoff = "0s")]
pub(crate) async fn hang_after_commit(
    ctx: JobContext,
    #[inject] place: State<Place>,
    #[inject] probe: State<Probe>,
) -> anyhow::Result<String> {
    probe.begin(&ctx);
    let mut own = Own::connect(&place).await;
    own.begin().await;
    ctx.complete_in(own.transaction(), &"committed".to_owned()).await?;
    own.execute("COMMIT").await;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    Ok("returned".to_owned())
}

pub(crate) async fn the_slot_of_a_job_that_completes_is_free_when_it_has_returned(bench: Bench) {
    with_table(&bench).await;
    let _runtime = bench.start().await;
    for then in [Then::Commit, Then::CommitAndFail, Then::RollBack, Then::RollBackAndFail] {
        let job = transfer::job(then).throttle(Throttle::concurrency("k", 1));
        job.enqueue().await.unwrap().wait().await.unwrap();
    }
    bench
        .until(async || {
            let throttles = bench.client().throttles().await.unwrap();
            (throttles[0].used, throttles[0].waiting) == (0, 0)
        })
        .await;
}
