//! How many runs end, and which have failed.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::Row;

use super::tables::PostgresTables;
use super::values::micros;
use crate::job::JobId;
use crate::storage::monitor::Throughput;
use crate::storage::packing::unpack_ids;
use crate::storage::tables::Result;

pub(super) async fn ends(
    t: &mut PostgresTables<'_>,
    from: DateTime<Utc>,
    step: Duration,
) -> Result<Vec<Throughput>> {
    let query = t.query(&t.sql.ends).bind(from).bind(micros(step).max(1));
    t.read(query).await
}

pub(super) async fn counted_ends(
    t: &mut PostgresTables<'_>,
    from: DateTime<Utc>,
) -> Result<Vec<Throughput>> {
    let query = t.query(&t.sql.counted_ends).bind(from);
    t.read(query).await
}

pub(super) async fn count_ends(
    t: &mut PostgresTables<'_>,
    step: Duration,
    before: DateTime<Utc>,
) -> Result<()> {
    let query = t.query(&t.sql.count_ends).bind(micros(step).max(1)).bind(before);
    query.execute(&mut *t.conn).await?;
    Ok(())
}

pub(super) async fn forget_ends(
    t: &mut PostgresTables<'_>,
    counted: Duration,
    failed: Duration,
) -> Result<()> {
    t.query(&t.sql.forget_counted).bind(micros(counted)).execute(&mut *t.conn).await?;
    t.query(&t.sql.forget_failed).bind(micros(failed)).execute(&mut *t.conn).await?;
    Ok(())
}

pub(super) async fn insert_run_failed(t: &mut PostgresTables<'_>, rows: &[Vec<u8>]) -> Result<()> {
    let rows: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
    t.query(&t.sql.insert_run_failed).bind(rows).execute(&mut *t.conn).await?;
    Ok(())
}

pub(super) async fn run_failed(t: &mut PostgresTables<'_>, limit: u32) -> Result<Vec<JobId>> {
    let query = t.query(&t.sql.run_failed).bind(i64::from(limit));
    let mut jobs = Vec::new();
    for row in &query.fetch_all(&mut *t.conn).await? {
        jobs.extend(unpack_ids(row.try_get(0)?));
    }
    Ok(jobs)
}
