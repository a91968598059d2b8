//! What the parents of new jobs mean for them, as these stand when they are stored.

use std::collections::{BTreeSet, HashMap};

use super::end::{End, Verdict, verdict};
use crate::job::{BatchId, JobId, State};
use crate::request::{HandOver, ParentEdge, Parents};
use crate::storage::model::{EdgeRow, Hold};
use crate::storage::tables::{Result, Tables};

/// The parents that were stored before, locked against being moved.
#[derive(Debug, Default)]
pub(super) struct Known {
    stored: BTreeSet<JobId>,
    ends: HashMap<JobId, End>,
}

impl Known {
    /// Looks for all that these wait for, but for the new ones among them.
    pub(super) async fn of<'p>(
        t: &mut impl Tables,
        waits: impl Iterator<Item = &'p Parents> + Clone,
        new: &BTreeSet<JobId>,
    ) -> Result<Self> {
        let parents: BTreeSet<JobId> =
            waits.clone().flat_map(|parents| &parents.edges).map(|edge| edge.parent).collect();
        let parents: Vec<JobId> = parents.difference(new).copied().collect();
        if parents.is_empty() {
            return Ok(Self::default());
        }
        let places = t.placed(&parents, Hold::Stay).await?;
        let mut stored: BTreeSet<JobId> = places.iter().map(|placed| placed.job).collect();
        let settled = places.iter().filter(|placed| placed.placement.state.is_settled());
        let settled: Vec<JobId> = settled.map(|placed| placed.job).collect();
        let mut ends: HashMap<JobId, End> = t
            .settled(&settled)
            .await?
            .into_iter()
            .filter_map(|(job, end)| Some((job, End::Job { end: end?, batch: None })))
            .collect();
        let others: Vec<BatchId> =
            parents.iter().filter(|id| !stored.contains(id)).map(|id| BatchId::of(*id)).collect();
        if !others.is_empty() {
            for row in t.lock_batches(&others).await? {
                let node = row.id.node();
                stored.insert(node);
                ends.extend(End::of_batch(row).map(|end| (node, end)));
            }
        }
        let taking = waits.filter(|parents| parents.hand_over.takes_outputs());
        for edge in taking.flat_map(|parents| &parents.edges) {
            if let Some(end) = ends.get_mut(&edge.parent) {
                end.fill(t).await?;
            }
        }
        Ok(Self { stored, ends })
    }

    pub(super) fn contains(&self, parent: JobId) -> bool {
        self.stored.contains(&parent)
    }

    /// The edges to a new child as its parents leave them, and the parent that leaves it without
    /// hope.
    pub(super) fn decide(
        &self,
        child: JobId,
        parents: &Parents,
    ) -> (Vec<EdgeRow>, Option<(JobId, State)>) {
        let mut cause = None;
        let takes = parents.hand_over != HandOver::Nothing;
        let row = |(position, edge): (usize, &ParentEdge)| {
            let end = self.ends.get(&edge.parent);
            let decided = end.map_or(Verdict::Wait, |end| verdict(edge.trigger, end.state()));
            if let (Verdict::Drop, Some(end)) = (decided, end) {
                cause.get_or_insert((edge.parent, end.state()));
            }
            let released = decided == Verdict::Release;
            EdgeRow {
                child,
                position: i32::try_from(position).unwrap_or(i32::MAX),
                parent: edge.parent,
                trigger: edge.trigger,
                as_result: edge.as_result,
                released,
                output: end
                    .filter(|_| released && takes)
                    .and_then(|end| end.handed_over(edge.as_result)),
            }
        };
        let rows = parents.edges.iter().enumerate().map(row).collect();
        (rows, cause)
    }
}
