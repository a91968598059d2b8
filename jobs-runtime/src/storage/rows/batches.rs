//! Batches and their members.

use super::{Columns, FromRow, known};
use crate::batch::{BatchCounts, BatchState, OnFailure};
use crate::storage::batches::{BatchRow, MemberRow};
use crate::storage::tables::Result;

impl FromRow for BatchRow {
    fn from_row(row: &impl Columns) -> Result<Self> {
        let code = row.get(7)?;
        Ok(Self {
            id: row.get(0)?,
            parent: row.get(1)?,
            name: row.get(2)?,
            description: row.get(3)?,
            on_failure: if row.get(4)? { OnFailure::Finish } else { OnFailure::Hold },
            keep: row.get(5)?,
            opened: row.get(6)?,
            state: known("state of a batch", BatchState::from_code(code), code)?,
            counts: BatchCounts {
                total: row.get(8)?,
                pending: row.get(9)?,
                succeeded: row.get(10)?,
                failed: row.get(11)?,
                deleted: row.get(12)?,
                skipped: row.get(13)?,
            },
            cause: row.get(14)?,
            cancelled: row.get(15)?,
            expires: None,
            seq: row.get(16)?,
            created_at: row.get(17)?,
            ended_at: row.get(18)?,
            expires_at: row.get(19)?,
        })
    }
}

impl FromRow for MemberRow {
    fn from_row(row: &impl Columns) -> Result<Self> {
        Ok(Self {
            batch: row.get(0)?,
            position: row.get(1)?,
            node: row.get(2)?,
            is_batch: row.get(3)?,
        })
    }
}
