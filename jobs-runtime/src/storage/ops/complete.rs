//! Writing the ends of runs, a batch at a time.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use super::delete::{self, Leaving};
use super::end::Ended;
use super::place::{Return, line_up};
use super::retain::Retention;
use super::settle::settle_over;
use super::throttles::release;
use super::{Effects, failure_json};
use crate::job::{BatchId, FailureKind, JobId, State};
use crate::storage::model::{
    AttemptEnd, AttemptRow, Completion, Count, Due, Event, EventRow, FailedReason, FailedRow,
    Outcome, ScheduleReason, ScheduleRow, Settled,
};
use crate::storage::packing::pack_rows;
use crate::storage::tables::{Result, Tables};

/// Ends of runs on one server.
#[derive(Debug)]
pub(crate) struct Complete<'c> {
    pub(crate) server: i64,
    pub(crate) completions: &'c [Completion],
    /// Leases of which these are the last members.
    pub(crate) drained: &'c [i64],
    /// An earlier try failed without saying whether it was committed.
    pub(crate) again: bool,
    pub(crate) retention: &'c Retention,
}

#[derive(Debug, Default)]
pub(crate) struct Completed {
    /// Jobs whose lease was gone, or that were taken out of it: nothing was changed.
    pub(crate) refused: Vec<JobId>,
    pub(crate) effects: Effects,
}

/// Appends what happened to each job whose lease still holds, and moves it on. A completion
/// whose lease is gone changes nothing.
pub(crate) async fn complete(t: &mut impl Tables, params: &Complete<'_>) -> Result<Completed> {
    let mut done = Completed::default();
    let accepted = fence(t, params, &mut done.refused).await?;
    let runs: Vec<AttemptRow<'_>> =
        accepted.iter().filter_map(|run| attempt_of(params.server, run)).collect();
    let settled: Vec<JobId> =
        accepted.iter().filter(|run| run.outcome.settles()).map(|run| run.job).collect();
    note_failed(t, &runs).await?;
    // Before the rest, so that the delay of a retry begins after the end of its run, and that no
    // lease names a job that has been placed anew.
    let edges = t.end_runs(&runs, params.drained, &settled).await?;
    reschedule(t, &accepted).await?;
    let mut ended = successes(t, &accepted).await?;
    ended.extend(fail(t, params.retention, &accepted).await?);
    ended.extend(delete(t, params, &accepted).await?);
    hand_back(t, params, &accepted, &mut done.effects).await?;
    settle_over(t, ended, edges, params.retention, &mut done.effects).await?;
    // Also of runs that changed nothing: they have ended.
    let held = params.completions.iter().filter(|run| run.holds_slot);
    let held: Vec<(i64, JobId)> = held.map(|run| (run.lease, run.job)).collect();
    release(t, &held, &mut done.effects).await?;
    done.effects.scheduled |= accepted
        .iter()
        .any(|run| matches!(run.outcome, Outcome::Retry { .. } | Outcome::Snoozed { .. }));
    Ok(done)
}

/// Locks the leases, so that no rescuer takes them meanwhile and nobody hangs a continuation
/// onto a job that is just ending; keeps the completions whose lease still holds their job.
async fn fence<'c>(
    t: &mut impl Tables,
    params: &Complete<'c>,
    refused: &mut Vec<JobId>,
) -> Result<Vec<&'c Completion>> {
    let mut ids: Vec<i64> = params.completions.iter().map(|run| run.lease).collect();
    ids.extend(params.drained);
    ids.sort_unstable();
    ids.dedup();
    let leases = t.lock_leases(&ids).await?;
    let mut accepted = Vec::with_capacity(params.completions.len());
    for run in params.completions {
        let lease = leases.binary_search_by_key(&run.lease, |lease| lease.id);
        match lease.ok().and_then(|at| leases.get(at)) {
            Some(lease) if !lease.revoked.contains(&run.job) => accepted.push(run),
            _ => refused.push(run.job),
        }
    }
    if params.again {
        let runs: Vec<(JobId, i32)> = accepted.iter().map(|run| (run.job, run.count.run)).collect();
        let written: HashSet<JobId> = t.attempted(&runs).await?.into_iter().collect();
        accepted.retain(|run| !written.contains(&run.job));
    }
    Ok(accepted)
}

/// Counts what has failed. Successes are listed as such, and cost nothing here.
async fn note_failed(t: &mut impl Tables, runs: &[AttemptRow<'_>]) -> Result<()> {
    let failed = runs.iter().filter(|run| run.end == AttemptEnd::Failed);
    let failed: Vec<JobId> = failed.map(|run| run.job).collect();
    match failed.is_empty() {
        true => Ok(()),
        false => t.insert_run_failed(&pack_rows(&failed).collect::<Vec<_>>()).await,
    }
}

/// `None` for a run that was not one: past its deadline, or given back.
fn attempt_of(server: i64, run: &Completion) -> Option<AttemptRow<'_>> {
    let (end, output, failure) = match &run.outcome {
        Outcome::Succeeded { output } => (AttemptEnd::Succeeded, output.as_deref(), None),
        Outcome::Retry { failure, .. }
        | Outcome::Failed { failure }
        | Outcome::Dropped { failure } => (AttemptEnd::Failed, None, Some(failure_json(failure))),
        Outcome::Snoozed { .. } => (AttemptEnd::Snoozed, None, None),
        Outcome::Expired | Outcome::Released { .. } => return None,
    };
    Some(AttemptRow {
        job: run.job,
        run: run.count.run,
        end,
        server: Some(server),
        age: run.age,
        took: run.took,
        output,
        failure,
        // A member of a batch goes with its batch.
        keeps: run.keep.is_some() || run.batch.is_some(),
    })
}

impl Completion {
    fn ended(&self, end: Settled) -> Ended {
        Ended::new(self.job, end, self.batch)
    }

    /// For how long the job is kept by itself, if that is so long.
    fn kept(&self, keep: Option<Duration>) -> Option<(JobId, Duration)> {
        keep.filter(|_| self.batch.is_none()).map(|keep| (self.job, keep))
    }

    /// How often the job will have been run when this is written.
    fn next_count(&self) -> Count {
        match self.outcome {
            Outcome::Snoozed { .. } => {
                Count { run: self.count.run + 1, charged: self.count.charged }
            }
            Outcome::Expired | Outcome::Released { .. } => self.count,
            _ => Count { run: self.count.run + 1, charged: self.count.charged + 1 },
        }
    }
}

impl Outcome {
    /// Whether the job stays where this brings it, until somebody acts on it.
    fn settles(&self) -> bool {
        match self {
            Self::Succeeded { .. } | Self::Failed { .. } | Self::Dropped { .. } | Self::Expired => {
                true
            }
            Self::Retry { .. } | Self::Snoozed { .. } | Self::Released { .. } => false,
        }
    }
}

async fn reschedule(t: &mut impl Tables, runs: &[&Completion]) -> Result<()> {
    let rows: Vec<ScheduleRow> = runs
        .iter()
        .filter_map(|run| {
            let (delay, reason) = match run.outcome {
                Outcome::Retry { delay, .. } => (delay, ScheduleReason::Retry),
                Outcome::Snoozed { delay } => (delay, ScheduleReason::Snoozed),
                _ => return None,
            };
            let due = Due::In(delay);
            Some(ScheduleRow { job: run.job, due, count: run.next_count(), reason })
        })
        .collect();
    match rows.is_empty() {
        true => Ok(()),
        false => t.insert_schedule(&rows).await,
    }
}

async fn successes(t: &mut impl Tables, runs: &[&Completion]) -> Result<Vec<Ended>> {
    let mut ended = Vec::with_capacity(runs.len());
    let mut expiries = Vec::new();
    let mut members: BTreeMap<BatchId, Vec<JobId>> = BTreeMap::new();
    for run in runs {
        if let Outcome::Succeeded { output } = &run.outcome {
            ended.push(run.ended(Settled::Succeeded { output: output.clone() }));
            expiries.extend(run.kept(run.keep));
            if let Some(batch) = run.batch {
                members.entry(batch).or_default().push(run.job);
            }
        }
    }
    if !expiries.is_empty() {
        t.insert_kept(&expiries).await?;
    }
    if !members.is_empty() {
        let mut rows = Vec::new();
        for (batch, jobs) in &members {
            rows.extend(pack_rows(jobs).map(|packed| (*batch, packed)));
        }
        t.insert_batch_finished(&rows).await?;
    }
    Ok(ended)
}

async fn fail(
    t: &mut impl Tables,
    retention: &Retention,
    runs: &[&Completion],
) -> Result<Vec<Ended>> {
    let mut rows = Vec::new();
    let mut ended = Vec::new();
    let mut expiries = Vec::new();
    for run in runs {
        let Outcome::Failed { failure } = &run.outcome else { continue };
        let reason = match failure.kind {
            FailureKind::Undecodable => FailedReason::Undecodable,
            FailureKind::UnknownKind => FailedReason::UnknownKind,
            _ => FailedReason::Exhausted,
        };
        let (count, stored) = (run.next_count(), failure_json(failure));
        rows.push(FailedRow { job: run.job, reason, failure: stored, count });
        ended.push(run.ended(Settled::Failed { failure: failure.clone() }));
        expiries.extend(run.kept(retention.failed));
    }
    if !rows.is_empty() {
        t.insert_failed(&rows).await?;
    }
    if !expiries.is_empty() {
        t.insert_expiry(&expiries).await?;
    }
    Ok(ended)
}

async fn delete(
    t: &mut impl Tables,
    params: &Complete<'_>,
    runs: &[&Completion],
) -> Result<Vec<Ended>> {
    let mut leaving = Vec::new();
    for run in runs {
        let (reason, failure) = match &run.outcome {
            Outcome::Dropped { failure } => ("its attempts are used up", Some(failure.clone())),
            Outcome::Expired => ("its deadline passed before it was started", None),
            _ => continue,
        };
        leaving.push(Leaving {
            job: run.job,
            from: State::Processing,
            reason: reason.to_owned(),
            cause: None,
            failure,
            count: run.next_count(),
            batch: run.batch,
            keep: run.keep.unwrap_or(params.retention.deleted),
            server: Some(params.server),
        });
    }
    if !leaving.is_empty() {
        revoke(t, params, runs, |outcome| matches!(outcome, Outcome::Expired)).await?;
    }
    delete::delete(t, leaving).await
}

/// Puts jobs that the server gives up back to their former places.
async fn hand_back(
    t: &mut impl Tables,
    params: &Complete<'_>,
    runs: &[&Completion],
    effects: &mut Effects,
) -> Result<()> {
    let mut returns = Vec::new();
    let mut events = Vec::new();
    for run in runs {
        let Outcome::Released { started } = run.outcome else { continue };
        returns.push(Return { job: run.job, count: run.count, solo: false, seq: Some(run.seq) });
        if started {
            events.push(EventRow {
                job: run.job,
                event: Event::Released,
                from: State::Processing,
                to: State::Enqueued,
                reason: "its server was shut down".into(),
                server: Some(params.server),
            });
        }
    }
    if returns.is_empty() {
        return Ok(());
    }
    revoke(t, params, runs, |outcome| matches!(outcome, Outcome::Released { .. })).await?;
    line_up(t, returns, effects).await?;
    match events.is_empty() {
        true => Ok(()),
        false => t.insert_events(&events).await,
    }
}

/// Takes jobs that leave no attempt row out of leases that go on, which would name them still.
async fn revoke(
    t: &mut impl Tables,
    params: &Complete<'_>,
    runs: &[&Completion],
    leaves: impl Fn(&Outcome) -> bool,
) -> Result<()> {
    let mut leaving: HashMap<i64, Vec<JobId>> = HashMap::new();
    for run in runs.iter().filter(|run| leaves(&run.outcome)) {
        if !params.drained.contains(&run.lease) {
            leaving.entry(run.lease).or_default().push(run.job);
        }
    }
    for (lease, jobs) in leaving {
        t.revoke(lease, &jobs).await?;
    }
    Ok(())
}
