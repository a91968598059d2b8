//! What the end of a job means for the jobs that wait for it.

use std::collections::{BTreeMap, HashMap};

use super::place::place_by_time;
use super::{Effects, failure_json};
use crate::job::{JobId, State};
use crate::request::{HandOver, Trigger};
use crate::storage::model::{
    AwaitingRow, Count, DeletedRow, EdgeRow, Event, EventRow, Hold, Settled,
};
use crate::storage::ops::retain::Retention;
use crate::storage::tables::{Result, Tables};

impl Settled {
    pub(super) fn state(&self) -> State {
        match self {
            Self::Succeeded { .. } => State::Succeeded,
            Self::Failed { .. } => State::Failed,
            Self::Deleted { .. } => State::Deleted,
        }
    }
}

/// What an edge makes of its parent's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Release,
    /// A requeue of the parent may still bring the end that the child waits for.
    Wait,
    /// The child has nothing left to wait for, unless the parent is requeued.
    Drop,
}

/// A Failed parent keeps its children waiting, since it is kept for somebody to act on; the
/// final states do not.
pub(super) fn verdict(trigger: Trigger, parent: State) -> Verdict {
    match (trigger, parent) {
        (_, state) if !state.is_settled() => Verdict::Wait,
        (Trigger::Finished, _)
        | (Trigger::Succeeded, State::Succeeded)
        | (Trigger::Failed, State::Failed)
        | (Trigger::Deleted, State::Deleted) => Verdict::Release,
        (_, State::Failed) => Verdict::Wait,
        _ => Verdict::Drop,
    }
}

/// What the edge hands to its child, as JSON.
pub(super) fn handed_over(as_result: bool, parent: &Settled) -> Option<String> {
    let output = |output: &Option<String>| output.clone().unwrap_or_else(|| "null".to_owned());
    match (parent, as_result) {
        (Settled::Succeeded { output: value }, false) => Some(output(value)),
        (Settled::Succeeded { output: value }, true) => {
            Some(format!("{{\"Ok\":{}}}", output(value)))
        }
        (_, false) => None,
        (Settled::Failed { failure }, true) => {
            Some(format!("{{\"Err\":{}}}", failure_json(failure)))
        }
        (Settled::Deleted { reason, failure }, true) => {
            let failure = failure.clone().unwrap_or_else(|| {
                crate::job::JobFailure::new(crate::job::FailureKind::Error, reason.clone())
            });
            Some(format!("{{\"Err\":{}}}", failure_json(&failure)))
        }
    }
}

/// Releases the children of jobs that have settled, or drops those that can no longer start;
/// goes on with the children of the dropped ones.
pub(super) async fn settle(
    t: &mut impl Tables,
    ended: Vec<(JobId, Settled)>,
    retention: &Retention,
    effects: &mut Effects,
) -> Result<()> {
    if ended.is_empty() {
        return Ok(());
    }
    let parents: Vec<JobId> = ended.iter().map(|(job, _)| *job).collect();
    let edges = t.open_edges(&parents).await?;
    settle_over(t, ended, edges, retention, effects).await
}

/// The same, where the open edges of these jobs are known.
pub(super) async fn settle_over(
    t: &mut impl Tables,
    mut ended: Vec<(JobId, Settled)>,
    mut edges: Vec<EdgeRow>,
    retention: &Retention,
    effects: &mut Effects,
) -> Result<()> {
    loop {
        effects.settled.extend(ended.iter().map(|(job, _)| *job));
        if edges.is_empty() {
            return Ok(());
        }
        let parents: HashMap<JobId, Settled> = ended.into_iter().collect();
        let mut released = Vec::new();
        let mut dropped = BTreeMap::new();
        for mut edge in edges {
            let Some(parent) = parents.get(&edge.parent) else { continue };
            match verdict(edge.trigger, parent.state()) {
                Verdict::Release => {
                    edge.released = true;
                    edge.output = handed_over(edge.as_result, parent);
                    released.push(edge);
                }
                Verdict::Wait => {}
                Verdict::Drop => {
                    dropped.entry(edge.child).or_insert((edge.parent, parent.state()));
                }
            }
        }
        release(t, released, effects).await?;
        ended = drop_children(t, dropped, retention).await?;
        if ended.is_empty() {
            return Ok(());
        }
        let dropped: Vec<JobId> = ended.iter().map(|(job, _)| *job).collect();
        edges = t.open_edges(&dropped).await?;
    }
}

async fn release(t: &mut impl Tables, edges: Vec<EdgeRow>, effects: &mut Effects) -> Result<()> {
    if edges.is_empty() {
        return Ok(());
    }
    t.release_edges(&edges).await?;
    // Ascending, so that two transactions that release the same children do not lock crosswise.
    let mut counts = BTreeMap::new();
    for edge in &edges {
        *counts.entry(edge.child).or_insert(0) += 1;
    }
    let counts: Vec<(JobId, i32)> = counts.into_iter().collect();
    let mut free = t.count_down(&counts).await?;
    free.retain(|row| row.pending <= 0);
    if free.is_empty() {
        return Ok(());
    }
    // A child that was deleted meanwhile keeps its awaiting row, in case it is restored.
    let ids: Vec<JobId> = free.iter().map(|row| row.job).collect();
    let places = t.placed(&ids, Hold::Stay).await?;
    let awaits: HashMap<JobId, State> =
        places.into_iter().map(|placed| (placed.job, placed.placement.state)).collect();
    free.retain(|row| awaits.get(&row.job) == Some(&State::Awaiting));
    for row in free {
        start_child(t, &row, effects).await?;
    }
    Ok(())
}

/// Places a child whose parents have all released it.
pub(super) async fn start_child(
    t: &mut impl Tables,
    row: &AwaitingRow,
    effects: &mut Effects,
) -> Result<()> {
    if row.hand_over != HandOver::Nothing {
        let edges = t.edges_to(&[row.job]).await?;
        t.set_input(row.job, &input_of(row.hand_over, &edges)).await?;
    }
    t.delete_awaiting(&[row.job]).await?;
    place_by_time(t, row.job, Count::default(), row.due, effects).await
}

/// The input of a child, from what its edges hold, in the order of their positions.
pub(super) fn input_of(hand_over: HandOver, edges: &[EdgeRow]) -> String {
    let output = |edge: &EdgeRow| edge.output.clone().unwrap_or_else(|| "null".to_owned());
    match hand_over {
        HandOver::Nothing => "null".to_owned(),
        HandOver::One => edges.first().map_or_else(|| "null".to_owned(), output),
        HandOver::Tuple => {
            let outputs: Vec<String> = edges.iter().map(output).collect();
            format!("[{}]", outputs.join(","))
        }
    }
}

/// Deletes children that cannot start any more; gives them as jobs that have settled.
async fn drop_children(
    t: &mut impl Tables,
    children: BTreeMap<JobId, (JobId, State)>,
    retention: &Retention,
) -> Result<Vec<(JobId, Settled)>> {
    if children.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<JobId> = children.keys().copied().collect();
    let waiting = t.placed(&ids, Hold::Stay).await?;
    let waiting = waiting.into_iter().filter(|child| child.placement.state == State::Awaiting);
    let dropped = waiting.filter_map(|child| {
        let (cause, end) = children.get(&child.job)?;
        Some((child.job, *cause, *end))
    });
    let dropped: Vec<(JobId, JobId, State)> = dropped.collect();
    drop_waiting(t, &dropped, retention).await
}

/// Deletes jobs that await, each because of the parent named with it, which ended like that.
pub(super) async fn drop_waiting(
    t: &mut impl Tables,
    dropped: &[(JobId, JobId, State)],
    retention: &Retention,
) -> Result<Vec<(JobId, Settled)>> {
    if dropped.is_empty() {
        return Ok(Vec::new());
    }
    let reason = |cause: JobId, end: State| format!("its parent {cause} is {end}");
    let rows: Vec<DeletedRow> = dropped
        .iter()
        .map(|(job, cause, end)| DeletedRow {
            job: *job,
            reason: reason(*cause, *end),
            cause: Some(*cause),
            failure: None,
            count: Count::default(),
        })
        .collect();
    t.insert_deleted(&rows).await?;
    let expiries: Vec<_> = rows.iter().map(|row| (row.job, retention.deleted)).collect();
    t.insert_expiry(&expiries).await?;
    let events: Vec<EventRow> = rows
        .iter()
        .map(|row| EventRow {
            job: row.job,
            event: Event::Deleted,
            from: State::Awaiting,
            to: State::Deleted,
            reason: row.reason.clone().into(),
            server: None,
        })
        .collect();
    t.insert_events(&events).await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.job, Settled::Deleted { reason: row.reason, failure: None }))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_parent_holds_its_children_and_a_final_one_does_not() {
        use State::{Deleted, Failed, Processing, Succeeded};
        let cases = [
            (Trigger::Succeeded, Succeeded, Verdict::Release),
            (Trigger::Succeeded, Failed, Verdict::Wait),
            (Trigger::Succeeded, Deleted, Verdict::Drop),
            (Trigger::Failed, Succeeded, Verdict::Drop),
            (Trigger::Failed, Failed, Verdict::Release),
            (Trigger::Failed, Deleted, Verdict::Drop),
            (Trigger::Finished, Succeeded, Verdict::Release),
            (Trigger::Finished, Failed, Verdict::Release),
            (Trigger::Finished, Deleted, Verdict::Release),
            (Trigger::Finished, Processing, Verdict::Wait),
            (Trigger::Deleted, Succeeded, Verdict::Drop),
            (Trigger::Deleted, Failed, Verdict::Wait),
            (Trigger::Deleted, Deleted, Verdict::Release),
        ];
        for (trigger, state, expected) in cases {
            assert_eq!(verdict(trigger, state), expected, "{trigger:?} after {state}");
        }
    }
}
