//! How many runs end, and which have failed.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::SqlStr;
use sqlx::mysql::MySqlArguments;
use sqlx::query::Query;

use super::tables::MySqlTables;
use super::values::{micros, to_micros};
use crate::job::JobId;
use crate::storage::monitor::Throughput;
use crate::storage::packing::unpack_ids;
use crate::storage::rows::Columns;
use crate::storage::tables::Result;

pub(super) async fn ends(
    t: &mut MySqlTables<'_>,
    from: DateTime<Utc>,
    step: Duration,
) -> Result<Vec<Throughput>> {
    let query = since(t, &t.sql.ends, step, to_micros(from));
    t.read(query).await
}

fn since(
    t: &MySqlTables<'_>,
    sql: &SqlStr,
    step: Duration,
    from: i64,
) -> Query<'static, sqlx::MySql, MySqlArguments> {
    let step = micros(step).max(1);
    t.query(sql).bind(step).bind(step).bind(from).bind(from).bind(from).bind(from)
}

pub(super) async fn counted_ends(
    t: &mut MySqlTables<'_>,
    from: DateTime<Utc>,
) -> Result<Vec<Throughput>> {
    let query = t.query(&t.sql.counted_ends).bind(to_micros(from));
    t.read(query).await
}

pub(super) async fn count_ends(
    t: &mut MySqlTables<'_>,
    step: Duration,
    before: DateTime<Utc>,
) -> Result<()> {
    let last: Option<i64> = t.read_one(t.query(&t.sql.last_counted)).await?.flatten();
    let from = last.map_or(0, |last| last.saturating_add(micros(step)));
    // Where there is nothing to count, the insert would lock all the same.
    if from >= to_micros(before) {
        return Ok(());
    }
    let count = since(t, &t.sql.count_ends, step, from).bind(to_micros(before));
    t.execute(count).await?;
    Ok(())
}

pub(super) async fn forget_ends(
    t: &mut MySqlTables<'_>,
    counted: Duration,
    failed: Duration,
) -> Result<()> {
    let sql = t.sql;
    t.execute(t.query(&sql.forget_counted).bind(micros(counted))).await?;
    t.execute(t.query(&sql.forget_failed).bind(micros(failed))).await?;
    Ok(())
}

pub(super) async fn insert_run_failed(t: &mut MySqlTables<'_>, rows: &[Vec<u8>]) -> Result<()> {
    for jobs in rows {
        let insert = t.query(&t.sql.insert_run_failed).bind(jobs.clone());
        t.execute(insert).await?;
    }
    Ok(())
}

pub(super) async fn run_failed(t: &mut MySqlTables<'_>, limit: u32) -> Result<Vec<JobId>> {
    let query = t.query(&t.sql.run_failed).bind(limit);
    let mut jobs = Vec::new();
    for row in &t.rows(query).await? {
        jobs.extend(unpack_ids(row.get(0)?));
    }
    Ok(jobs)
}
