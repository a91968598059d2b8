//! What the end of a job means for those that wait for it, and for its batch.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::Effects;
use super::count::{Shift, count};
use super::drop::{batches_of, drop_children};
use super::end::{End, Ended, Verdict, verdict};
use super::retain::Retention;
use super::start::{open, start_children};
use crate::batch::OnFailure;
use crate::job::{BatchId, JobId, State};
use crate::request::HandOver;
use crate::storage::model::{EdgeRow, Hold};
use crate::storage::tables::{Result, Tables};

/// Counts jobs that have settled in their batches, and releases or drops what waits for either;
/// goes on with what that has ended in turn.
pub(super) async fn settle(
    t: &mut impl Tables,
    ended: Vec<Ended>,
    retention: &Retention,
    effects: &mut Effects,
) -> Result<()> {
    if ended.is_empty() {
        return Ok(());
    }
    let edges = edges_from(t, &ended).await?;
    settle_over(t, ended, edges, retention, effects).await
}

async fn edges_from(t: &mut impl Tables, ended: &[Ended]) -> Result<Vec<EdgeRow>> {
    let parents: Vec<JobId> = ended.iter().map(|ended| ended.job).collect();
    t.open_edges(&parents).await
}

/// The same, where the open edges from these jobs are known.
pub(super) async fn settle_over(
    t: &mut impl Tables,
    ended: Vec<Ended>,
    edges: Vec<EdgeRow>,
    retention: &Retention,
    effects: &mut Effects,
) -> Result<()> {
    go_on(t, Round { ended, edges, touched: Vec::new() }, retention, effects).await
}

/// The same for batches none of whose members has settled just now.
pub(super) async fn settle_batches(
    t: &mut impl Tables,
    touched: Vec<BatchId>,
    retention: &Retention,
    effects: &mut Effects,
) -> Result<()> {
    go_on(t, Round { touched, ..Round::default() }, retention, effects).await
}

/// What has ended and is to be told on.
#[derive(Debug, Default)]
struct Round {
    ended: Vec<Ended>,
    /// The open edges from those.
    edges: Vec<EdgeRow>,
    /// Batches that may have ended without that one of their members has.
    touched: Vec<BatchId>,
}

async fn go_on(
    t: &mut impl Tables,
    mut round: Round,
    retention: &Retention,
    effects: &mut Effects,
) -> Result<()> {
    loop {
        effects.settled.extend(round.ended.iter().map(|ended| ended.job));
        let Round { ended, mut edges, touched } = round;
        let mut parents = end_batches(t, &ended, &touched, retention).await?;
        if !parents.is_empty() {
            let batches: Vec<JobId> = parents.keys().copied().collect();
            edges.extend(t.open_edges(&batches).await?);
            effects.settled.extend(batches);
        }
        if edges.is_empty() {
            return Ok(());
        }
        let of_job = |ended: Ended| (ended.job, End::Job { end: ended.end, batch: ended.batch });
        parents.extend(ended.into_iter().map(of_job));
        let Judged { released, mut dropped, held } = judge(edges, &parents);
        give_up(t, held, &parents, &mut dropped).await?;
        let mut touched = release(t, released, &mut parents, effects).await?;
        let ended = drop_children(t, dropped, retention, &mut touched).await?;
        if ended.is_empty() && touched.is_empty() {
            return Ok(());
        }
        let edges = edges_from(t, &ended).await?;
        round = Round { ended, edges, touched };
    }
}

/// Counts jobs in their batches; gives the batches that have come to an end by that.
async fn end_batches(
    t: &mut impl Tables,
    ended: &[Ended],
    touched: &[BatchId],
    retention: &Retention,
) -> Result<HashMap<JobId, End>> {
    let shift =
        |ended: &Ended| Some(Shift { batch: ended.batch?, from: ended.from, to: ended.class() });
    let shifts: Vec<Shift> = ended.iter().filter_map(shift).collect();
    if shifts.is_empty() && touched.is_empty() {
        return Ok(HashMap::new());
    }
    let turned = count(t, &shifts, touched, retention).await?;
    let end = |row: crate::storage::batches::BatchRow| Some((row.id.node(), End::of_batch(row)?));
    Ok(turned.into_iter().filter_map(|turned| end(turned.row)).collect())
}

/// What becomes of open edges whose parents have settled.
#[derive(Default)]
struct Judged {
    released: Vec<EdgeRow>,
    /// The children that have nothing left to wait for, each with its parent and how that ended.
    dropped: Dropped,
    /// Edges from Failed parents that a requeue may still release.
    held: Vec<EdgeRow>,
}

type Dropped = BTreeMap<JobId, (JobId, State)>;

fn judge(edges: Vec<EdgeRow>, parents: &HashMap<JobId, End>) -> Judged {
    let mut judged = Judged::default();
    for edge in edges {
        let Some(parent) = parents.get(&edge.parent) else { continue };
        match verdict(edge.trigger, parent.state()) {
            Verdict::Release => judged.released.push(edge),
            Verdict::Wait => judged.held.push(edge),
            Verdict::Drop => {
                judged.dropped.entry(edge.child).or_insert((edge.parent, parent.state()));
            }
        }
    }
    judged
}

/// In a batch that is to end though jobs have failed, what waits there for the success of a Failed
/// one is not needed: else it would hold the batch open.
async fn give_up(
    t: &mut impl Tables,
    held: Vec<EdgeRow>,
    parents: &HashMap<JobId, End>,
    dropped: &mut Dropped,
) -> Result<()> {
    let around = |parent: &JobId| parents.get(parent).and_then(End::batch);
    let batches: BTreeSet<BatchId> = held.iter().filter_map(|edge| around(&edge.parent)).collect();
    if batches.is_empty() {
        return Ok(());
    }
    let rows = t.batches(&batches.into_iter().collect::<Vec<_>>()).await?;
    let finishing: HashSet<BatchId> = rows
        .into_iter()
        .filter(|row| row.on_failure == OnFailure::Finish)
        .map(|row| row.id)
        .collect();
    let held: Vec<(EdgeRow, BatchId)> = held
        .into_iter()
        .filter_map(|edge| around(&edge.parent).map(|batch| (edge, batch)))
        .filter(|(_, batch)| finishing.contains(batch))
        .collect();
    if held.is_empty() {
        return Ok(());
    }
    let children: Vec<JobId> = held.iter().map(|(edge, _)| edge.child).collect();
    let mut members = batches_of(t, &children).await?;
    let inside: Vec<BatchId> = children.into_iter().map(BatchId::of).collect();
    let inside = t.batches(&inside).await?.into_iter();
    members.extend(inside.filter_map(|row| Some((row.id.node(), row.parent?))));
    for (edge, batch) in held {
        if members.get(&edge.child) == Some(&batch) {
            dropped.entry(edge.child).or_insert((edge.parent, State::Failed));
        }
    }
    Ok(())
}

/// Releases edges, with what they hand over, and starts the children that waited for nothing
/// else. Gives the batches among them that have no members to start.
async fn release(
    t: &mut impl Tables,
    mut edges: Vec<EdgeRow>,
    parents: &mut HashMap<JobId, End>,
    effects: &mut Effects,
) -> Result<Vec<BatchId>> {
    if edges.is_empty() {
        return Ok(Vec::new());
    }
    // Ascending, so that two transactions that release the same children do not lock crosswise.
    let mut counts = BTreeMap::new();
    for edge in &edges {
        *counts.entry(edge.child).or_insert(0) += 1;
    }
    let counts: Vec<(JobId, i32)> = counts.into_iter().collect();
    let mut rows = t.count_down(&counts).await?;
    let takes: HashMap<JobId, HandOver> = rows.iter().map(|row| (row.job, row.hand_over)).collect();
    for edge in &mut edges {
        edge.released = true;
        if takes.get(&edge.child).is_some_and(|hand_over| hand_over.takes_outputs())
            && let Some(parent) = parents.get_mut(&edge.parent)
        {
            parent.fill(t).await?;
            edge.output = parent.handed_over(edge.as_result);
        }
    }
    t.release_edges(&edges).await?;
    rows.retain(|row| row.pending <= 0);
    let (batches, mut jobs): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.hand_over == HandOver::Members);
    if !jobs.is_empty() {
        // A child that was deleted meanwhile keeps its awaiting row, in case it is restored.
        let ids: Vec<JobId> = jobs.iter().map(|row| row.job).collect();
        let places = t.placed(&ids, Hold::Stay).await?;
        let awaits: HashMap<JobId, State> =
            places.into_iter().map(|placed| (placed.job, placed.placement.state)).collect();
        jobs.retain(|row| awaits.get(&row.job) == Some(&State::Awaiting));
        start_children(t, &jobs, effects).await?;
    }
    open(t, batches.iter().map(|row| BatchId::of(row.job)).collect(), effects).await
}
