//! Starting what has waited for others.

use std::collections::HashMap;

use super::Effects;
use super::place::place_by_time;
use crate::batch::BatchState;
use crate::job::{BatchId, JobId, State};
use crate::request::HandOver;
use crate::storage::batches::MemberRow;
use crate::storage::model::{AwaitingRow, EdgeRow, Hold};
use crate::storage::tables::{Result, Tables};

/// Members that are read and placed at a time.
pub(super) const MEMBERS: u32 = 5_000;

/// Places children whose parents have all released them, in this order.
pub(super) async fn start_children(
    t: &mut impl Tables,
    rows: &[AwaitingRow],
    effects: &mut Effects,
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let takers: Vec<JobId> =
        rows.iter().filter(|row| row.hand_over.takes_outputs()).map(|row| row.job).collect();
    if !takers.is_empty() {
        let mut edges: HashMap<JobId, Vec<EdgeRow>> = HashMap::new();
        for edge in t.edges_to(&takers).await? {
            edges.entry(edge.child).or_default().push(edge);
        }
        let input = |row: &AwaitingRow| {
            let edges = edges.get(&row.job)?;
            Some((row.job, input_of(row.hand_over, edges)))
        };
        let inputs: Vec<(JobId, String)> = rows.iter().filter_map(input).collect();
        t.set_inputs(&inputs).await?;
    }
    let ids: Vec<JobId> = rows.iter().map(|row| row.job).collect();
    t.delete_awaiting(&ids).await?;
    let times: Vec<_> = rows.iter().map(|row| (row.job, row.due)).collect();
    place_by_time(t, &times, effects).await
}

/// The input of a child, from what its edges hold, in the order of their positions.
fn input_of(hand_over: HandOver, edges: &[EdgeRow]) -> String {
    let output = |edge: &EdgeRow| edge.output.clone().unwrap_or_else(|| "null".to_owned());
    match hand_over {
        HandOver::Nothing | HandOver::Members => "null".to_owned(),
        HandOver::One => edges.first().map_or_else(|| "null".to_owned(), output),
        HandOver::Tuple => {
            let outputs: Vec<String> = edges.iter().map(output).collect();
            format!("[{}]", outputs.join(","))
        }
    }
}

/// Lets batches begin that have nothing left to wait for, and those inside them. Gives those of
/// them that have nothing pending, and so may be at their end.
pub(super) async fn open(
    t: &mut impl Tables,
    mut batches: Vec<BatchId>,
    effects: &mut Effects,
) -> Result<Vec<BatchId>> {
    let mut at_end = Vec::new();
    while !batches.is_empty() {
        let mut rows = t.lock_batches(&batches).await?;
        for row in &mut rows {
            row.opened = true;
            match row.counts.pending {
                0 => at_end.push(row.id),
                _ => row.state = BatchState::Open,
            }
        }
        t.save_batches(&rows).await?;
        let nodes: Vec<JobId> = rows.iter().map(|row| row.id.node()).collect();
        t.delete_awaiting(&nodes).await?;
        batches.clear();
        for row in rows {
            start_members(t, row.id, &mut batches, effects).await?;
        }
    }
    Ok(at_end)
}

/// Starts the jobs of a batch that wait for nothing else; adds the batches in it that do not.
async fn start_members(
    t: &mut impl Tables,
    batch: BatchId,
    inside: &mut Vec<BatchId>,
    effects: &mut Effects,
) -> Result<()> {
    let mut after = -1;
    loop {
        let members = t.members(batch, after, MEMBERS).await?;
        let Some(last) = members.last() else { return Ok(()) };
        after = last.position;
        let mut nodes: Vec<(JobId, i32)> = members.iter().map(|member| (member.node, 1)).collect();
        nodes.sort_unstable();
        let free = t.count_down(&nodes).await?;
        let mut free: HashMap<JobId, AwaitingRow> =
            free.into_iter().filter(|row| row.pending <= 0).map(|row| (row.job, row)).collect();
        let (batches, jobs): (Vec<&MemberRow>, Vec<&MemberRow>) =
            members.iter().partition(|member| member.is_batch);
        let is_free = |member: &&MemberRow| free.contains_key(&member.node);
        inside.extend(batches.into_iter().filter(is_free).map(|member| BatchId::of(member.node)));
        let waiting = awaiting(t, &jobs).await?;
        let rows: Vec<AwaitingRow> =
            waiting.into_iter().filter_map(|job| free.remove(&job)).collect();
        start_children(t, &rows, effects).await?;
    }
}

/// Those of these members that await: one that was deleted meanwhile does not start.
async fn awaiting(t: &mut impl Tables, members: &[&MemberRow]) -> Result<Vec<JobId>> {
    let ids: Vec<JobId> = members.iter().map(|member| member.node).collect();
    let places = t.placed(&ids, Hold::Stay).await?;
    let states: HashMap<JobId, State> =
        places.into_iter().map(|placed| (placed.job, placed.placement.state)).collect();
    Ok(ids.into_iter().filter(|job| states.get(job) == Some(&State::Awaiting)).collect())
}
