//! Removing what is no longer wanted.

use std::time::Duration;

use super::tables::SqliteTables;
use super::values::{before, get, get_id, ids_json};
use crate::job::JobId;
use crate::storage::tables::Result;

pub(super) async fn finished_before(
    t: &mut SqliteTables<'_>,
    after: i64,
    keep: Duration,
    limit: u32,
) -> Result<(Vec<JobId>, Option<i64>)> {
    let sql = t.storage.statements.oldest_attempts.clone();
    let rows = t.rows(sqlx::query(sql).bind(after).bind(limit)).await?;
    let latest = before(t.clock(), keep);
    let mut jobs = Vec::with_capacity(rows.len());
    let mut seen = None;
    for row in &rows {
        if get::<i64>(row, 2)? > latest {
            break;
        }
        seen = Some(get(row, 0)?);
        if get(row, 3)? {
            jobs.push(get_id(row, 1)?);
        }
    }
    Ok((jobs, seen))
}

pub(super) async fn expired(t: &mut SqliteTables<'_>, limit: u32) -> Result<Vec<JobId>> {
    let sql = t.storage.statements.expired.clone();
    let rows = t.rows(sqlx::query(sql).bind(t.clock()).bind(limit)).await?;
    rows.iter().map(|row| get_id(row, 0)).collect()
}

pub(super) async fn delete_jobs(t: &mut SqliteTables<'_>, ids: &[JobId]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let statements = &t.storage.statements;
    let ids = ids_json(ids);
    let deletes = [
        // Found by the record, which therefore goes last.
        &statements.delete_line_rows,
        &statements.delete_schedule,
        &statements.delete_awaiting_rows,
        &statements.delete_failed,
        &statements.delete_deleted,
        &statements.delete_expiry,
        &statements.delete_attempts,
        &statements.delete_events,
        &statements.delete_edges_to,
        &statements.delete_edges_from,
        &statements.delete_keys,
        &statements.delete_steps,
        &statements.delete_log,
        &statements.delete_progress,
        &statements.delete_jobs,
    ];
    for delete in deletes {
        t.execute(sqlx::query(delete.clone()).bind(ids.as_str())).await?;
    }
    Ok(())
}

pub(super) async fn forget(t: &mut SqliteTables<'_>, age: Duration) -> Result<()> {
    let statements = &t.storage.statements;
    let oldest = before(t.clock(), age);
    for forget in [&statements.forget_servers, &statements.forget_fires, &statements.forget_keys] {
        t.execute(sqlx::query(forget.clone()).bind(oldest)).await?;
    }
    Ok(())
}
