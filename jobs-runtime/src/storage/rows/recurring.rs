//! Recurring schedules.

use super::{Columns, FromRow};
use crate::storage::recurring::{FireRow, RecurringRow};
use crate::storage::tables::Result;

impl FromRow for RecurringRow {
    fn from_row(row: &impl Columns) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            kind: row.get(1)?,
            queue: row.get(2)?,
            priority: row.get(3)?,
            args: row.get(4)?,
            options: row.get(5)?,
            expires: row.get(6)?,
            cron: row.get(7)?,
            tz: row.get(8)?,
            misfire: row.word(9, "misfire rule")?,
            overlap: row.word(10, "overlap rule")?,
            jitter: row.get(11)?,
            paused: row.get(12)?,
            declared: row.get(13)?,
            next_at: row.get(14)?,
            last_at: row.get(15)?,
            last_job: row.get(16)?,
            error: row.get(17)?,
        })
    }
}

impl FromRow for FireRow {
    fn from_row(row: &impl Columns) -> Result<Self> {
        Ok(Self { recurring: row.get(0)?, at: row.get(1)?, job: row.get(2)? })
    }
}
