//! Whether batches can go on by themselves.

use std::collections::{HashMap, HashSet};

use crate::batch::{BatchRecord, BatchState};
use crate::job::BatchId;
use crate::storage::batches::BatchRow;
use crate::storage::tables::{Result, Tables};

/// Batches as a person sees them.
pub(crate) async fn records(t: &mut impl Tables, rows: Vec<BatchRow>) -> Result<Vec<BatchRecord>> {
    let stuck = stuck(t, &rows).await?;
    let record = |row: BatchRow| BatchRecord { stuck: stuck.contains(&row.id), ..row.into() };
    Ok(rows.into_iter().map(record).collect())
}

/// What stands in an open batch and in those inside it.
#[derive(Default)]
struct Tree {
    batches: Vec<BatchId>,
    failed: u64,
    /// Jobs that have not settled.
    pending: u64,
}

/// Those of these batches in which jobs are Failed, or in batches inside them, and all others that
/// have not settled wait for jobs or batches.
async fn stuck(t: &mut impl Tables, rows: &[BatchRow]) -> Result<HashSet<BatchId>> {
    let open = rows.iter().filter(|row| row.state == BatchState::Open);
    let open: Vec<BatchId> = open.map(|row| row.id).collect();
    if open.is_empty() {
        return Ok(HashSet::new());
    }
    let mut trees = trees(t, &open).await?;
    trees.retain(|_, tree| tree.failed > 0);
    if trees.is_empty() {
        return Ok(HashSet::new());
    }
    let batches: Vec<BatchId> = trees.values().flat_map(|tree| &tree.batches).copied().collect();
    let awaiting: HashMap<BatchId, u64> = t.awaiting_members(&batches).await?.into_iter().collect();
    trees.retain(|_, tree| {
        tree.pending <= tree.batches.iter().filter_map(|batch| awaiting.get(batch)).sum()
    });
    Ok(trees.into_keys().collect())
}

async fn trees(t: &mut impl Tables, open: &[BatchId]) -> Result<HashMap<BatchId, Tree>> {
    let inside = t.batch_trees(open).await?;
    let batches: Vec<BatchId> = inside.iter().map(|(_, batch)| *batch).collect();
    let rows: HashMap<BatchId, BatchRow> =
        t.batches(&batches).await?.into_iter().map(|row| (row.id, row)).collect();
    let mut trees: HashMap<BatchId, Tree> = HashMap::new();
    for (outermost, batch) in inside {
        let Some(row) = rows.get(&batch) else { continue };
        let tree = trees.entry(outermost).or_default();
        tree.batches.push(batch);
        tree.failed += row.counts.failed;
        tree.pending += row.counts.pending;
        if batch != outermost && !row.state.is_settled() {
            // It is counted by the batch around it.
            tree.pending = tree.pending.saturating_sub(1);
        }
    }
    Ok(trees)
}
