//! Servers, and the kinds that they know.

use super::{Columns, FromRow};
use crate::storage::servers::{KindRow, ServerRow, Vitals};
use crate::storage::tables::Result;

impl FromRow for ServerRow {
    fn from_row(row: &impl Columns) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            name: row.get(1)?,
            queues: row.json(2, "list of queues")?,
            workers: row.get(3)?,
            started_at: row.get(4)?,
            live_since: row.get(5)?,
            heartbeat_at: row.get(6)?,
            gone: row.get(7)?,
            paused: row.get(8)?,
            kinds: row.json(9, "list of kinds")?,
            stopping: row.get(10)?,
            vitals: Vitals { memory: row.get(11)?, cpu: row.get(12)? },
        })
    }
}

impl FromRow for KindRow {
    fn from_row(row: &impl Columns) -> Result<Self> {
        Ok(Self {
            name: row.get(0)?,
            queue: row.get(1)?,
            retries: row.get(2)?,
            on_exhausted: row.word(3, "end of a kind's jobs")?,
        })
    }
}
