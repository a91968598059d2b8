//! How many runs end, and which have failed.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::tables::SqliteTables;
use super::values::{before, micros};
use crate::job::JobId;
use crate::storage::monitor::Throughput;
use crate::storage::packing::unpack_ids;
use crate::storage::rows::Columns;
use crate::storage::tables::Result;

pub(super) async fn ends(
    t: &mut SqliteTables<'_>,
    from: DateTime<Utc>,
    step: Duration,
) -> Result<Vec<Throughput>> {
    let sql = t.storage.statements.ends.clone();
    let query = sqlx::query(sql).bind(from.timestamp_micros()).bind(micros(step).max(1));
    t.read(query).await
}

pub(super) async fn counted_ends(
    t: &mut SqliteTables<'_>,
    from: DateTime<Utc>,
) -> Result<Vec<Throughput>> {
    let sql = t.storage.statements.counted_ends.clone();
    t.read(sqlx::query(sql).bind(from.timestamp_micros())).await
}

pub(super) async fn count_ends(
    t: &mut SqliteTables<'_>,
    step: Duration,
    before: DateTime<Utc>,
) -> Result<()> {
    let sql = t.storage.statements.count_ends.clone();
    let count = sqlx::query(sql).bind(micros(step).max(1)).bind(before.timestamp_micros());
    t.execute(count).await?;
    Ok(())
}

pub(super) async fn forget_ends(
    t: &mut SqliteTables<'_>,
    counted: Duration,
    failed: Duration,
) -> Result<()> {
    let now = t.clock();
    let statements = &t.storage.statements;
    for (sql, age) in [(&statements.forget_counted, counted), (&statements.forget_failed, failed)] {
        t.execute(sqlx::query(sql.clone()).bind(before(now, age))).await?;
    }
    Ok(())
}

pub(super) async fn insert_run_failed(t: &mut SqliteTables<'_>, rows: &[Vec<u8>]) -> Result<()> {
    let now = t.clock();
    for jobs in rows {
        let sql = t.storage.statements.insert_run_failed.clone();
        t.execute(sqlx::query(sql).bind(now).bind(jobs.as_slice())).await?;
    }
    Ok(())
}

pub(super) async fn run_failed(t: &mut SqliteTables<'_>, limit: u32) -> Result<Vec<JobId>> {
    let sql = t.storage.statements.run_failed.clone();
    let mut jobs = Vec::new();
    for row in &t.rows(sqlx::query(sql).bind(limit)).await? {
        jobs.extend(unpack_ids(row.get(0)?));
    }
    Ok(jobs)
}
