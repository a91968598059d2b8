//! Storing new jobs.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::Effects;
use super::place::{clock_for, is_due};
use super::retain::Retention;
use super::settle::{Verdict, drop_waiting, handed_over, settle, start_child, verdict};
use crate::error::Error;
use crate::job::{JobId, OnConflict, State, Unique};
use crate::storage::model::{
    AwaitingRow, Claimed, Count, EdgeRow, Hold, LeaseParams, NewJob, ScheduleReason, ScheduleRow,
    Settled, Stored,
};
use crate::storage::tables::{Result, Tables};

/// What became of each job of a batch.
type Answers = Vec<std::result::Result<Stored, Error>>;

/// Stores jobs, each or its error by itself; gives the answers in the order of the jobs.
pub(crate) async fn enqueue(
    t: &mut impl Tables,
    jobs: &[NewJob],
    retention: &Retention,
    effects: &mut Effects,
) -> Result<Answers> {
    if jobs.iter().all(NewJob::is_plain) {
        t.insert_ready(jobs).await?;
        effects.queues.extend(jobs.iter().map(|job| job.queue.to_string()));
        return Ok(jobs.iter().map(|job| Ok(Stored::New(job.id))).collect());
    }
    let mut answers: Answers = jobs.iter().map(|job| Ok(Stored::New(job.id))).collect();
    hold_keys(t, jobs, &mut answers).await?;
    let places = parents_of(t, jobs).await?;
    check_parents(jobs, &places, &mut answers);

    let stored = |(job, answer): (&NewJob, &std::result::Result<Stored, Error>)| {
        matches!(answer, Ok(Stored::New(_))).then(|| job.clone())
    };
    let (waiting, free): (Vec<NewJob>, Vec<NewJob>) =
        jobs.iter().zip(&answers).filter_map(stored).partition(|job| !job.parents.edges.is_empty());
    store_free(t, free, effects).await?;
    store_waiting(t, &waiting, &places, retention, effects).await?;
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
    let Some(leased) = t.insert_leased(jobs, params).await? else {
        effects.queues.insert(params.queue.to_owned());
        return Ok(Vec::new());
    };
    let queue: Arc<str> = params.queue.into();
    let claimed = |(job, seq): (&NewJob, i64)| job.claimed(Arc::clone(&queue), leased.lease, seq);
    Ok(jobs.iter().zip(leased.seqs).map(claimed).collect())
}

/// Settles who holds each unique key, in the order of the keys, so that two batches with the
/// same keys do not wait for each other.
async fn hold_keys(t: &mut impl Tables, jobs: &[NewJob], answers: &mut Answers) -> Result<()> {
    let unique = |(index, job): (usize, &NewJob)| Some((index, job.unique.clone()?));
    let mut keyed: Vec<(usize, Unique)> = jobs.iter().enumerate().filter_map(unique).collect();
    keyed.sort_by(|(i, a), (j, b)| (&jobs[*i].kind, &a.key, *i).cmp(&(&jobs[*j].kind, &b.key, *j)));
    let mut taken: HashMap<(&str, String), JobId> = HashMap::new();
    for (index, unique) in keyed {
        let job = &jobs[index];
        let slot = (job.kind.as_ref(), unique.key.clone());
        let holder = match taken.get(&slot) {
            Some(holder) => Some((*holder, State::Enqueued)),
            None => holder_of(t, job, &unique).await?,
        };
        match holder {
            None => {
                taken.insert(slot, job.id);
            }
            Some((holder, state)) => {
                answers[index] = yield_to(t, job, &unique, holder, state).await?;
            }
        }
    }
    Ok(())
}

/// The job that holds the key, if its hold is in force; else the key is taken over.
async fn holder_of(
    t: &mut impl Tables,
    job: &NewJob,
    unique: &Unique,
) -> Result<Option<(JobId, State)>> {
    let Some((holder, held)) = t.take_unique(&job.kind, &unique.key, job.id).await? else {
        return Ok(None);
    };
    if unique.within.is_none_or(|within| held < within)
        && let Some(placed) = t.placed(&[holder], Hold::Stay).await?.first()
        && unique.states.contains(&placed.placement.state)
    {
        return Ok(Some((holder, placed.placement.state)));
    }
    t.set_unique(&job.kind, &unique.key, job.id).await?;
    Ok(None)
}

async fn yield_to(
    t: &mut impl Tables,
    job: &NewJob,
    unique: &Unique,
    holder: JobId,
    state: State,
) -> Result<std::result::Result<Stored, Error>> {
    let waits = matches!(state, State::Enqueued | State::Scheduled | State::Awaiting);
    match unique.on_conflict {
        OnConflict::Error => {
            let (kind, key) = (job.kind.to_string(), unique.key.clone());
            return Ok(Err(Error::Conflict { kind, key, holder }));
        }
        OnConflict::Replace if waits => t.rewrite_job(holder, job).await?,
        OnConflict::Replace | OnConflict::Skip => {}
    }
    Ok(Ok(Stored::Held(holder)))
}

/// The states of all parents that were stored before, locked in ascending order.
async fn parents_of(t: &mut impl Tables, jobs: &[NewJob]) -> Result<HashMap<JobId, State>> {
    let parents: BTreeSet<JobId> =
        jobs.iter().flat_map(|job| &job.parents.edges).map(|edge| edge.parent).collect();
    if parents.is_empty() {
        return Ok(HashMap::new());
    }
    let parents: Vec<JobId> = parents.into_iter().collect();
    let places = t.placed(&parents, Hold::Stay).await?;
    Ok(places.into_iter().map(|placed| (placed.job, placed.placement.state)).collect())
}

/// A parent is a stored job, or one that comes before its child in the same batch.
fn check_parents(jobs: &[NewJob], places: &HashMap<JobId, State>, answers: &mut Answers) {
    let mut accepted = BTreeSet::new();
    for (job, answer) in jobs.iter().zip(answers) {
        let exists = |parent| places.contains_key(parent) || accepted.contains(parent);
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
async fn store_free(t: &mut impl Tables, jobs: Vec<NewJob>, effects: &mut Effects) -> Result<()> {
    let times: Vec<_> = jobs.iter().map(|job| job.due).collect();
    let now = clock_for(t, &times).await?;
    let (ready, scheduled): (Vec<NewJob>, Vec<NewJob>) =
        jobs.into_iter().partition(|job| is_due(job.due, now));
    if !ready.is_empty() {
        t.insert_ready(&ready).await?;
        effects.queues.extend(ready.iter().map(|job| job.queue.to_string()));
    }
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

/// Stores jobs that wait for parents, and decides at once what settled parents decide.
async fn store_waiting(
    t: &mut impl Tables,
    jobs: &[NewJob],
    places: &HashMap<JobId, State>,
    retention: &Retention,
    effects: &mut Effects,
) -> Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    let settled: Vec<JobId> =
        places.iter().filter_map(|(job, state)| state.is_settled().then_some(*job)).collect();
    let ends: HashMap<JobId, Settled> =
        t.settled(&settled).await?.into_iter().filter_map(|(job, end)| Some((job, end?))).collect();
    let mut edges = Vec::new();
    let mut waiting = Vec::with_capacity(jobs.len());
    let mut dropped = Vec::new();
    for job in jobs {
        let (rows, cause) = decide(job, &ends);
        let pending = rows.iter().filter(|edge| !edge.released).count();
        waiting.push(AwaitingRow {
            job: job.id,
            pending: i32::try_from(pending).unwrap_or(i32::MAX),
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
    start_free(t, &waiting, &dropped, effects).await
}

/// The edges of a job as its parents leave them, and the parent that leaves it without hope.
fn decide(job: &NewJob, ends: &HashMap<JobId, Settled>) -> (Vec<EdgeRow>, Option<(JobId, State)>) {
    let mut cause = None;
    let row = |(position, edge): (usize, &crate::request::ParentEdge)| {
        let end = ends.get(&edge.parent);
        let decided = end.map_or(Verdict::Wait, |end| verdict(edge.trigger, end.state()));
        if let (Verdict::Drop, Some(end)) = (decided, end) {
            cause.get_or_insert((edge.parent, end.state()));
        }
        let released = decided == Verdict::Release;
        EdgeRow {
            child: job.id,
            position: i32::try_from(position).unwrap_or(i32::MAX),
            parent: edge.parent,
            trigger: edge.trigger,
            as_result: edge.as_result,
            released,
            output: end.filter(|_| released).and_then(|end| handed_over(edge.as_result, end)),
        }
    };
    let rows = job.parents.edges.iter().enumerate().map(row).collect();
    (rows, cause)
}

async fn start_free(
    t: &mut impl Tables,
    waiting: &[AwaitingRow],
    dropped: &[(JobId, JobId, State)],
    effects: &mut Effects,
) -> Result<()> {
    let dropped: BTreeSet<JobId> = dropped.iter().map(|(job, ..)| *job).collect();
    for row in waiting {
        if row.pending == 0 && !dropped.contains(&row.job) {
            start_child(t, row, effects).await?;
        }
    }
    Ok(())
}
