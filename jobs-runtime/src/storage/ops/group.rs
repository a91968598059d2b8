//! What is done to all jobs of a batch, some at a time.

use std::collections::{HashMap, HashSet};

use super::Effects;
use super::count::Shift;
use super::delete::{self, Leaving};
use super::drop::batches_of;
use super::place::{Return, line_up};
use super::reopen::reopen;
use super::retain::Retention;
use super::settle::{settle, settle_batches};
use crate::job::{BatchId, JobId, State};
use crate::storage::batches::{Class, MemberRow};
use crate::storage::model::{Count, Event, EventRow, Hold, Placed};
use crate::storage::tables::{Result, Tables};

/// Members that are acted on in one transaction.
const STRIDE: u32 = 1_000;

/// How far an action on a batch has come.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Stride {
    /// How many jobs were acted on.
    pub(crate) jobs: u64,
    /// Where the next one begins; `None` after the last.
    pub(crate) next: Option<i64>,
}

impl Stride {
    /// The position before the first member.
    pub(crate) const START: i64 = -1;

    fn after(members: &[MemberRow], jobs: usize) -> Self {
        let is_full = members.len() >= STRIDE as usize;
        let last = members.last().filter(|_| is_full);
        Self { jobs: jobs as u64, next: last.map(|member| member.position) }
    }
}

/// A batch and all batches inside it, each after the one around it.
pub(crate) async fn tree(t: &mut impl Tables, batch: BatchId) -> Result<Vec<BatchId>> {
    Ok(t.batch_trees(&[batch]).await?.into_iter().map(|(_, inside)| inside).collect())
}

/// Marks a batch and those inside it as cancelled, so that they take no more jobs, if it has not
/// ended; gives them, the outermost first.
pub(crate) async fn close(t: &mut impl Tables, batch: BatchId) -> Result<Option<Vec<BatchId>>> {
    let tree = tree(t, batch).await?;
    let mut ids = tree.clone();
    ids.sort_unstable();
    let mut rows = t.lock_batches(&ids).await?;
    let is_open = |row: &crate::storage::batches::BatchRow| !row.state.is_settled();
    if !rows.iter().any(|row| row.id == batch && is_open(row)) {
        return Ok(None);
    }
    for row in &mut rows {
        row.cancelled |= is_open(row);
    }
    t.save_batches(&rows).await?;
    Ok(Some(tree))
}

/// Deletes the jobs behind this position of one batch that are not final.
pub(crate) async fn cancel_some(
    t: &mut impl Tables,
    batch: BatchId,
    after: i64,
    retention: &Retention,
    effects: &mut Effects,
) -> Result<Stride> {
    let members = t.members(batch, after, STRIDE).await?;
    let placed = places(t, &members).await?;
    let open = placed.into_iter().filter(|placed| !placed.placement.state.is_final()).collect();
    let deleted = delete_all(t, open, "its batch was cancelled", retention, effects).await?;
    if members.is_empty() {
        // One without members ends by being cancelled.
        settle_batches(t, vec![batch], retention, effects).await?;
    }
    Ok(Stride::after(&members, deleted))
}

/// Puts the Failed jobs behind this position of one batch at the ends of their lines.
pub(crate) async fn requeue_failed_some(
    t: &mut impl Tables,
    batch: BatchId,
    after: i64,
    retention: &Retention,
    effects: &mut Effects,
) -> Result<Stride> {
    let members = t.failed_members(batch, after, STRIDE).await?;
    let mut failed = places(t, &members).await?;
    failed.retain(|placed| placed.placement.state == State::Failed);
    let requeued = t.displace_all(&failed).await?;
    let back = |job: &JobId| failed.iter().find(|placed| placed.job == *job);
    let shift = Shift { batch, from: Class::Failed, to: Class::Pending };
    let shifts = vec![shift; requeued.len()];
    reopen(t, requeued.clone(), shifts, retention).await?;
    let returns = requeued
        .iter()
        .filter_map(back)
        .map(|placed| Return::to_end(placed.job, Count { run: placed.count.run, charged: 0 }));
    line_up(t, returns.collect(), effects).await?;
    note_all(t, &requeued, Event::Requeued, |_| State::Failed, State::Enqueued, "with its batch")
        .await?;
    Ok(Stride::after(&members, requeued.len()))
}

/// Where the jobs among these members are, in the order of the members.
async fn places(t: &mut impl Tables, members: &[MemberRow]) -> Result<Vec<Placed>> {
    let jobs: Vec<JobId> =
        members.iter().filter(|member| !member.is_batch).map(|member| member.node).collect();
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let placed = t.placed(&jobs, Hold::Move).await?;
    let mut by_job: HashMap<JobId, Placed> =
        placed.into_iter().map(|placed| (placed.job, placed)).collect();
    Ok(jobs.iter().filter_map(|job| by_job.remove(job)).collect())
}

/// Deletes jobs from wherever they are; gives how many.
pub(super) async fn delete_all(
    t: &mut impl Tables,
    placed: Vec<Placed>,
    reason: &str,
    retention: &Retention,
    effects: &mut Effects,
) -> Result<usize> {
    // What a waiting job waits for is kept, so that a requeue can bring it back to that.
    let (waiting, others): (Vec<Placed>, Vec<Placed>) =
        placed.into_iter().partition(|placed| placed.placement.state == State::Awaiting);
    let displaced: HashSet<JobId> = t.displace_all(&others).await?.into_iter().collect();
    let mut gone = waiting;
    gone.extend(others.into_iter().filter(|placed| displaced.contains(&placed.job)));
    if gone.is_empty() {
        return Ok(0);
    }
    let ids: Vec<JobId> = gone.iter().map(|placed| placed.job).collect();
    let batches = batches_of(t, &ids).await?;
    let leaving = gone.into_iter().map(|placed| Leaving {
        job: placed.job,
        from: placed.placement.state,
        reason: reason.to_owned(),
        cause: None,
        failure: None,
        count: placed.count,
        batch: batches.get(&placed.job).copied(),
        keep: retention.deleted,
        server: None,
    });
    let ended = delete::delete(t, leaving.collect()).await?;
    settle(t, ended, retention, effects).await?;
    Ok(ids.len())
}

pub(super) async fn note_all(
    t: &mut impl Tables,
    jobs: &[JobId],
    event: Event,
    from: impl Fn(&JobId) -> State,
    to: State,
    reason: &str,
) -> Result<()> {
    let event = |job: &JobId| EventRow {
        job: *job,
        event,
        from: from(job),
        to,
        reason: reason.to_owned().into(),
        server: None,
    };
    let events: Vec<EventRow> = jobs.iter().map(event).collect();
    match events.is_empty() {
        true => Ok(()),
        false => t.insert_events(&events).await,
    }
}
