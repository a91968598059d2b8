//! What changes of its members mean for a batch, and for the batch that it is in.
//!
//! Each transaction moves the counters of a batch once, under the lock of its row, however many
//! members have moved. The state of a batch follows from its counters and from nothing else, so
//! whoever makes the last change ends it: exactly one transaction sees it turn.

use std::collections::BTreeMap;
use std::time::Duration;

use super::retain::Retention;
use crate::batch::{BatchCounts, BatchState, OnFailure};
use crate::job::BatchId;
use crate::storage::batches::{BatchRow, Class};
use crate::storage::tables::{Result, Tables};

/// A member that counts as something else than before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shift {
    pub(super) batch: BatchId,
    pub(super) from: Class,
    pub(super) to: Class,
}

/// A batch whose state has changed.
#[derive(Debug)]
pub(super) struct Turned {
    pub(super) row: BatchRow,
    pub(super) from: BatchState,
}

impl Turned {
    /// Something of it is to be done again.
    pub(super) fn is_reopened(&self) -> bool {
        self.from.is_settled() && !self.row.state.is_settled()
    }
}

/// Moves the counters, and those of the batches around a batch that has turned; gives the batches
/// that have. Those in `touched` are looked at though none of their members has moved.
pub(super) async fn count(
    t: &mut impl Tables,
    shifts: &[Shift],
    touched: &[BatchId],
    retention: &Retention,
) -> Result<Vec<Turned>> {
    let mut turned = Vec::new();
    let mut moves: BTreeMap<BatchId, Vec<(Class, Class)>> = BTreeMap::new();
    for shift in shifts {
        moves.entry(shift.batch).or_default().push((shift.from, shift.to));
    }
    for batch in touched {
        moves.entry(*batch).or_default();
    }
    while !moves.is_empty() {
        // Ascending, so that two transactions on the same batches do not lock crosswise.
        let ids: Vec<BatchId> = moves.keys().copied().collect();
        let mut rows = t.lock_batches(&ids).await?;
        let mut around: BTreeMap<BatchId, Vec<(Class, Class)>> = BTreeMap::new();
        for row in &mut rows {
            for (from, to) in moves.remove(&row.id).unwrap_or_default() {
                step(&mut row.counts, from, to);
            }
            let from = row.state;
            row.state = state_of(row);
            row.expires = expiry(row, retention);
            let (before, after) = (Class::of_batch(from), Class::of_batch(row.state));
            if let Some(parent) = row.parent.filter(|_| before != after) {
                around.entry(parent).or_default().push((before, after));
            }
            if from != row.state {
                turned.push(Turned { row: row.clone(), from });
            }
        }
        t.save_batches(&rows).await?;
        moves = around;
    }
    Ok(turned)
}

fn step(counts: &mut BatchCounts, from: Class, to: Class) {
    *place(counts, from) = place(counts, from).saturating_sub(1);
    *place(counts, to) += 1;
}

fn place(counts: &mut BatchCounts, class: Class) -> &mut u64 {
    match class {
        Class::Pending => &mut counts.pending,
        Class::Succeeded => &mut counts.succeeded,
        Class::Failed => &mut counts.failed,
        Class::Deleted => &mut counts.deleted,
        Class::Skipped => &mut counts.skipped,
    }
}

/// A batch ends as the worst of its members; those that were not needed count for nothing.
fn state_of(row: &BatchRow) -> BatchState {
    let goes_on = if row.opened { BatchState::Open } else { BatchState::Awaiting };
    let counts = &row.counts;
    match counts.total {
        0 if row.cause.is_some() => return BatchState::Skipped,
        0 if !row.opened => return BatchState::Awaiting,
        0 => return BatchState::Succeeded,
        _ => {}
    }
    if counts.pending > 0 {
        goes_on
    } else if counts.failed > 0 {
        match row.on_failure {
            OnFailure::Hold => goes_on,
            OnFailure::Finish => BatchState::Failed,
        }
    } else if counts.deleted > 0 {
        BatchState::Deleted
    } else if counts.succeeded > 0 {
        BatchState::Succeeded
    } else {
        BatchState::Skipped
    }
}

/// One inside another is kept for as long as that.
fn expiry(row: &BatchRow, retention: &Retention) -> Option<Duration> {
    let kept = match row.state {
        BatchState::Awaiting | BatchState::Open => None,
        BatchState::Succeeded => Some(row.keep.unwrap_or(retention.succeeded)),
        BatchState::Deleted | BatchState::Skipped => Some(row.keep.unwrap_or(retention.deleted)),
        BatchState::Failed => retention.failed,
    };
    kept.filter(|_| row.parent.is_none())
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn row(counts: [u64; 5], on_failure: OnFailure) -> BatchRow {
        let [pending, succeeded, failed, deleted, skipped] = counts;
        let total = counts.iter().sum();
        BatchRow {
            id: BatchId::new(),
            parent: None,
            name: String::new(),
            description: None,
            on_failure,
            keep: None,
            opened: true,
            state: BatchState::Open,
            counts: BatchCounts { total, pending, succeeded, failed, deleted, skipped },
            cause: None,
            cancelled: false,
            expires: None,
            seq: 0,
            created_at: DateTime::UNIX_EPOCH,
            ended_at: None,
            expires_at: None,
        }
    }

    #[test]
    fn a_batch_ends_as_the_worst_of_its_members() {
        use BatchState::{Deleted, Failed, Open, Skipped, Succeeded};
        use OnFailure::{Finish, Hold};
        let cases = [
            ([0, 0, 0, 0, 0], Hold, Succeeded),
            ([1, 9, 0, 0, 0], Hold, Open),
            ([0, 9, 0, 0, 0], Hold, Succeeded),
            ([0, 9, 0, 0, 3], Hold, Succeeded),
            ([0, 0, 0, 0, 3], Hold, Skipped),
            ([0, 9, 0, 1, 0], Hold, Deleted),
            ([0, 9, 1, 1, 0], Hold, Open),
            ([0, 9, 1, 1, 0], Finish, Failed),
            ([1, 0, 1, 0, 0], Finish, Open),
        ];
        for (counts, on_failure, expected) in cases {
            assert_eq!(state_of(&row(counts, on_failure)), expected, "{counts:?} {on_failure:?}");
        }
    }
}
