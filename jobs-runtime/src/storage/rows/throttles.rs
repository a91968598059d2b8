//! Throttles.

use super::{Columns, FromRow, known};
use crate::storage::tables::Result;
use crate::storage::throttles::{Declared, Measure, Passed, ThrottleRow};

impl FromRow for ThrottleRow {
    fn from_row(row: &impl Columns) -> Result<Self> {
        let code = row.get(3)?;
        Ok(Self {
            id: row.get(0)?,
            declared: Declared {
                scope: row.get(1)?,
                key: row.get(2)?,
                measure: known("kind of a throttle", Measure::from_code(code), code)?,
                limit: row.get(4)?,
                per: row.get(6)?,
            },
            own_limit: row.get(5)?,
            used: row.get(7)?,
            tokens: row.get(8)?,
            window_at: row.get(9)?,
            called: row.get(10)?,
            called_at: row.get(11)?,
            wake_at: row.get(12)?,
            touched_at: row.get(13)?,
            read_at: row.get(14)?,
        })
    }
}

/// A throttle, and how many jobs wait for it.
impl FromRow for (ThrottleRow, i64) {
    fn from_row(row: &impl Columns) -> Result<Self> {
        Ok((ThrottleRow::from_row(row)?, row.get(15)?))
    }
}

impl FromRow for Passed {
    fn from_row(row: &impl Columns) -> Result<Self> {
        Ok(Self { throttle: row.get(0)?, count: row.get(1)?, oldest: row.get(2)? })
    }
}
