//! Jobs, and the leases on them.

use chrono::{DateTime, Utc};

use super::{Columns, FromRow};
use crate::storage::model::{FinishedRow, JobRow, Lease, Listed};
use crate::storage::monitor::Throughput;
use crate::storage::packing::{unpack_ids, unpack_members};
use crate::storage::search::Key;
use crate::storage::tables::Result;

impl FromRow for JobRow {
    fn from_row(row: &impl Columns) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            kind: row.get(1)?,
            queue: row.get(2)?,
            priority: row.get(3)?,
            options: row.get(4)?,
        })
    }
}

impl FromRow for Lease {
    fn from_row(row: &impl Columns) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            server: row.get(1)?,
            solo: row.get(2)?,
            members: unpack_members(row.get(3)?),
            revoked: unpack_ids(row.get(4)?),
            started: unpack_ids(row.get(5)?),
            started_at: row.get(6)?,
        })
    }
}

impl FromRow for Throughput {
    fn from_row(row: &impl Columns) -> Result<Self> {
        Ok(Self { at: row.get(0)?, succeeded: row.get(1)?, failed: row.get(2)? })
    }
}

impl FromRow for Listed {
    fn from_row(row: &impl Columns) -> Result<Self> {
        Ok(Self { job: row.get(0)?, key: Key { at: row.get(1)?, seq: row.get(2)?, nth: 0 } })
    }
}

impl FromRow for FinishedRow {
    fn from_row(row: &impl Columns) -> Result<Self> {
        let at: DateTime<Utc> = row.get(0)?;
        Ok(Self { at: at.timestamp_micros(), id: row.get(1)?, jobs: unpack_ids(row.get(2)?) })
    }
}
