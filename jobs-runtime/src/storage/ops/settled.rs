//! How jobs and batches have ended, for those who wait for them.

use super::end::described;
use crate::batch::BatchState;
use crate::job::{BatchId, FailureKind, JobFailure, JobId};
use crate::storage::batches::BatchRow;
use crate::storage::model::Settled;
use crate::storage::tables::{Result, Tables};

/// Those of these jobs and batches that are settled, and how, a batch without what its members
/// returned; `None` for what does not exist.
pub(crate) async fn settled(
    t: &mut impl Tables,
    nodes: &[JobId],
) -> Result<Vec<(JobId, Option<Settled>)>> {
    let mut ends = t.settled(nodes).await?;
    let unknown = ends.iter().filter(|(_, end)| end.is_none());
    let unknown: Vec<BatchId> = unknown.map(|(node, _)| BatchId::of(*node)).collect();
    if unknown.is_empty() {
        return Ok(ends);
    }
    for row in t.batches(&unknown).await? {
        let node = row.id.node();
        ends.retain(|(other, _)| *other != node);
        ends.extend(end_of(&row).map(|end| (node, Some(end))));
    }
    Ok(ends)
}

fn end_of(row: &BatchRow) -> Option<Settled> {
    let failure = || JobFailure::new(FailureKind::Error, described(row));
    match row.state {
        BatchState::Awaiting | BatchState::Open => None,
        BatchState::Succeeded => Some(Settled::Succeeded { output: None }),
        BatchState::Failed => Some(Settled::Failed { failure: failure() }),
        BatchState::Deleted | BatchState::Skipped => {
            Some(Settled::Deleted { reason: described(row), failure: None })
        }
    }
}
