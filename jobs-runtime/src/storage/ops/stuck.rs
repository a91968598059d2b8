//! Whether a batch can go on by itself.

use crate::batch::{BatchRecord, BatchState};
use crate::job::BatchId;
use crate::storage::batches::BatchRow;
use crate::storage::tables::{Result, Tables};

/// Batches as a person sees them.
pub(crate) async fn records(t: &mut impl Tables, rows: Vec<BatchRow>) -> Result<Vec<BatchRecord>> {
    let mut records = Vec::with_capacity(rows.len());
    for row in rows {
        let stuck = is_stuck(t, &row).await?;
        records.push(BatchRecord { stuck, ..row.into() });
    }
    Ok(records)
}

/// Whether jobs in it, or in batches inside it, are Failed, and all others that have not settled
/// wait for jobs or batches.
async fn is_stuck(t: &mut impl Tables, row: &BatchRow) -> Result<bool> {
    if row.state != BatchState::Open {
        return Ok(false);
    }
    let tree = t.batch_tree(row.id).await?;
    let rows = t.batches(&tree).await?;
    if rows.iter().all(|row| row.counts.failed == 0) {
        return Ok(false);
    }
    let pending: u64 = rows.iter().map(|row| row.counts.pending).sum();
    let is_inside = |other: &&BatchRow| other.id != row.id && !other.state.is_settled();
    let batches = rows.iter().filter(is_inside).count() as u64;
    let jobs = pending.saturating_sub(batches);
    Ok(jobs == 0 || jobs <= awaiting(t, &tree).await?)
}

/// How many jobs in these batches wait for others.
async fn awaiting(t: &mut impl Tables, batches: &[BatchId]) -> Result<u64> {
    let mut jobs = 0;
    for batch in batches {
        jobs += t.awaiting_members(*batch).await?;
    }
    Ok(jobs)
}
