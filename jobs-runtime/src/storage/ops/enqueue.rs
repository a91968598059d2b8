//! Storing new jobs.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Effects;
use super::drop::{Dropped, drop_waiting};
use super::keys::hold_keys;
use super::parents::Known;
use super::place::{clock_for, is_due};
use super::retain::Retention;
use super::settle::settle;
use super::start::start_children;
use super::tag::store_tags;
use super::throttles::split_new;
use crate::error::Error;
use crate::job::{BatchId, JobId};
use crate::storage::model::{
    AwaitingRow, Claimed, Count, LeaseParams, LineRow, NewJob, ScheduleReason, ScheduleRow, Stored,
};
use crate::storage::tables::{Result, Tables};
use crate::storage::throttles::WaitRow;

/// What became of each job of a batch.
pub(super) type Answers = Vec<std::result::Result<Stored, Error>>;

/// Stores jobs, each or its error by itself; gives the answers in the order of the jobs.
pub(crate) async fn enqueue(
    t: &mut impl Tables,
    jobs: &[NewJob],
    retention: &Retention,
    effects: &mut Effects,
) -> Result<Answers> {
    if jobs.iter().all(NewJob::is_plain) {
        t.insert_ready(jobs).await?;
        store_tags(t, jobs).await?;
        effects.store(jobs);
        effects.queues.extend(jobs.iter().map(|job| job.queue.to_string()));
        return Ok(jobs.iter().map(|job| Ok(Stored::New(job.id))).collect());
    }
    let mut answers: Answers = jobs.iter().map(|job| Ok(Stored::New(job.id))).collect();
    hold_keys(t, &jobs.iter().collect::<Vec<_>>(), &mut answers).await?;
    let new: BTreeSet<JobId> = jobs.iter().map(|job| job.id).collect();
    let known = Known::of(t, jobs.iter().map(|job| &job.parents), &new).await?;
    check_parents(jobs, &known, &mut answers);

    let stored = |(job, answer): (&NewJob, &std::result::Result<Stored, Error>)| {
        matches!(answer, Ok(Stored::New(_))).then(|| job.clone())
    };
    let jobs: Vec<NewJob> = jobs.iter().zip(&answers).filter_map(stored).collect();
    store_tags(t, &jobs).await?;
    effects.store(&jobs);
    let (waiting, free): (Vec<NewJob>, Vec<NewJob>) =
        jobs.into_iter().partition(|job| !job.parents.edges.is_empty());
    store_free(t, free, effects).await?;
    store_waiting(t, &waiting, &known, &BTreeSet::new(), retention, effects).await?;
    Ok(answers)
}

/// Stores jobs that wait for nothing but a worker, and leases them at once to a server that has
/// one for each; none are leased, but all placed in the line, if others wait before them.
pub(crate) async fn enqueue_leased(
    t: &mut impl Tables,
    jobs: &[NewJob],
    params: &LeaseParams<'_>,
    effects: &mut Effects,
) -> Result<Vec<Claimed>> {
    let leased = t.insert_leased(jobs, params).await?;
    store_tags(t, jobs).await?;
    effects.store(jobs);
    let Some(leased) = leased else {
        effects.queues.insert(params.queue.to_owned());
        return Ok(Vec::new());
    };
    let queue: Arc<str> = params.queue.into();
    let claimed = |(job, seq): (&NewJob, i64)| job.claimed(Arc::clone(&queue), leased.lease, seq);
    Ok(jobs.iter().zip(leased.seqs).map(claimed).collect())
}

/// A parent is a stored job, or one that comes before its child in the same batch.
fn check_parents(jobs: &[NewJob], known: &Known, answers: &mut Answers) {
    let mut accepted = BTreeSet::new();
    for (job, answer) in jobs.iter().zip(answers) {
        let exists = |parent: &JobId| known.contains(*parent) || accepted.contains(parent);
        let missing = job.parents.edges.iter().map(|edge| &edge.parent).find(|id| !exists(id));
        match missing {
            Some(parent) if answer.is_ok() => {
                *answer = Err(Error::UnknownParent { parent: *parent, child: job.id });
            }
            _ if matches!(answer, Ok(Stored::New(_))) => {
                accepted.insert(job.id);
            }
            _ => {}
        }
    }
}

/// Stores jobs that wait for nothing but a worker or their time.
pub(super) async fn store_free(
    t: &mut impl Tables,
    jobs: Vec<NewJob>,
    effects: &mut Effects,
) -> Result<()> {
    let times: Vec<_> = jobs.iter().map(|job| job.due).collect();
    let now = clock_for(t, &times).await?;
    let (ready, scheduled): (Vec<NewJob>, Vec<NewJob>) =
        jobs.into_iter().partition(|job| is_due(job.due, now));
    let (ready, turns) = split_new(t, ready).await?;
    if !ready.is_empty() {
        t.insert_ready(&ready).await?;
        effects.queues.extend(ready.iter().map(|job| job.queue.to_string()));
    }
    store_turns(t, turns).await?;
    if scheduled.is_empty() {
        return Ok(());
    }
    t.insert_jobs(&scheduled).await?;
    effects.scheduled = true;
    let row = |job: &NewJob| ScheduleRow {
        job: job.id,
        due: job.due,
        count: Count::default(),
        reason: ScheduleReason::Delayed,
    };
    let rows: Vec<ScheduleRow> = scheduled.iter().map(row).collect();
    t.insert_schedule(&rows).await
}

/// Stores jobs that wait for a turn of their key, each with its gate.
async fn store_turns(t: &mut impl Tables, turns: Vec<(i64, NewJob)>) -> Result<()> {
    if turns.is_empty() {
        return Ok(());
    }
    let (throttles, jobs): (Vec<i64>, Vec<NewJob>) = turns.into_iter().unzip();
    t.insert_jobs(&jobs).await?;
    let row = |(throttle, job): (i64, NewJob)| WaitRow {
        throttle,
        line: LineRow {
            job: job.id,
            kind: job.kind.into_owned(),
            queue: job.queue.into_owned(),
            priority: job.priority,
            options: None,
            count: Count::default(),
            solo: false,
            seq: None,
            due: None,
        },
    };
    let rows: Vec<WaitRow> = throttles.into_iter().zip(jobs).map(row).collect();
    t.insert_waiting(&rows).await
}

/// Stores jobs that wait for parents, or for one of the batches in `closed` to begin, and decides
/// at once what settled parents decide.
pub(super) async fn store_waiting(
    t: &mut impl Tables,
    jobs: &[NewJob],
    known: &Known,
    closed: &BTreeSet<BatchId>,
    retention: &Retention,
    effects: &mut Effects,
) -> Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    let mut edges = Vec::new();
    let mut waiting = Vec::with_capacity(jobs.len());
    let mut dropped: Vec<Dropped> = Vec::new();
    for job in jobs {
        let (rows, cause) = known.decide(job.id, &job.parents);
        let unreleased = rows.iter().filter(|edge| !edge.released).count();
        let is_closed = job.batch.is_some_and(|batch| closed.contains(&batch));
        waiting.push(AwaitingRow {
            job: job.id,
            pending: i32::try_from(unreleased + usize::from(is_closed)).unwrap_or(i32::MAX),
            hand_over: job.parents.hand_over,
            due: job.due,
        });
        dropped.extend(cause.map(|(parent, end)| (job.id, parent, end)));
        edges.extend(rows);
    }
    t.insert_jobs(jobs).await?;
    t.insert_edges(&edges).await?;
    t.insert_awaiting(&waiting).await?;
    let ended = drop_waiting(t, &dropped, retention).await?;
    settle(t, ended, retention, effects).await?;
    let dropped: BTreeSet<JobId> = dropped.iter().map(|(job, ..)| *job).collect();
    waiting.retain(|row| row.pending == 0 && !dropped.contains(&row.job));
    start_children(t, &waiting, effects).await
}
