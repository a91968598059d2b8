//! How long settled jobs are kept, and their removal.

use std::time::Duration;

use super::Effects;
use super::end::Ended;
use super::group::tree;
use super::settle::settle;
use crate::job::{BatchId, JobId};
use crate::storage::batches::MemberRow;
use crate::storage::model::Settled;
use crate::storage::tables::{Result, Tables};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long settled jobs are kept, unless their kind or request says otherwise.
///
/// ```
/// # use jobs_runtime::Retention;
/// # use std::time::Duration;
/// let week = Duration::from_secs(7 * 24 * 3600);
/// let retention = Retention::default().succeeded(week).failed(Some(4 * week));
/// ```
#[derive(Debug, Clone)]
pub struct Retention {
    pub(crate) succeeded: Duration,
    pub(crate) deleted: Duration,
    pub(crate) failed: Option<Duration>,
}

impl Default for Retention {
    /// Succeeded and Deleted one day, Failed until somebody acts on it.
    fn default() -> Self {
        Self { succeeded: DAY, deleted: DAY, failed: None }
    }
}

impl Retention {
    /// How long jobs that succeeded are kept.
    #[must_use]
    pub fn succeeded(mut self, keep: Duration) -> Self {
        self.succeeded = keep;
        self
    }

    /// How long deleted jobs are kept.
    #[must_use]
    pub fn deleted(mut self, keep: Duration) -> Self {
        self.deleted = keep;
        self
    }

    /// How long failed jobs are kept; `None` for as long as nobody acts on them.
    #[must_use]
    pub fn failed(mut self, keep: Option<Duration>) -> Self {
        self.failed = keep;
        self
    }
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sweep {
    /// The jobs that were removed.
    pub(crate) removed: usize,
    /// There may be more to remove.
    pub(crate) more: bool,
}

/// Removes about `limit` jobs of each sort whose time has passed.
pub(crate) async fn sweep(
    t: &mut impl Tables,
    limit: u32,
    retention: &Retention,
    effects: &mut Effects,
) -> Result<Sweep> {
    let finished = t.take_finished(retention.succeeded, limit).await?;
    let own = t.expired(limit).await?;
    let batches = t.expired_batches(1).await?;
    let more = finished.is_some() || own.len() >= limit as usize || !batches.is_empty();
    let mut jobs = finished.unwrap_or_default();
    // A Failed parent has kept its children waiting; with it goes what they wait for.
    let gone = own.iter().copied().chain(batches.iter().map(|batch| batch.node()));
    settle(t, gone.map(removed).collect(), retention, effects).await?;
    jobs.extend(own);
    for batch in batches {
        jobs.extend(take_members(t, batch, limit).await?);
    }
    jobs.sort_unstable();
    jobs.dedup();
    if !jobs.is_empty() {
        t.delete_jobs(&jobs).await?;
    }
    Ok(Sweep { removed: jobs.len(), more })
}

fn removed(node: JobId) -> Ended {
    let reason = "its time has passed".to_owned();
    Ended::new(node, Settled::Deleted { reason, failure: None }, None)
}

/// Takes about `limit` members from a batch and from those inside it, and when none is left the
/// batches themselves. Gives the nodes that go with that.
async fn take_members(t: &mut impl Tables, batch: BatchId, limit: u32) -> Result<Vec<JobId>> {
    let tree = tree(t, batch).await?;
    let mut taken: Vec<MemberRow> = Vec::new();
    for batch in tree.iter().rev() {
        let left = limit.saturating_sub(u32::try_from(taken.len()).unwrap_or(u32::MAX));
        if left == 0 {
            break;
        }
        taken.extend(t.take_members(*batch, left).await?);
    }
    let mut nodes: Vec<JobId> =
        taken.iter().filter(|member| !member.is_batch).map(|member| member.node).collect();
    if taken.len() < limit as usize {
        // What hangs on the batches goes as it does with jobs.
        nodes.extend(tree.iter().map(|batch| batch.node()));
        t.delete_batches(&tree).await?;
    }
    Ok(nodes)
}
