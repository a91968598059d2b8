//! Removing what is no longer wanted.

use std::time::Duration;

use super::tables::SqliteTables;
use super::values::{before, ids_json};
use crate::job::JobId;
use crate::storage::packing::unpack_ids;
use crate::storage::rows::Columns;
use crate::storage::tables::Result;

/// How long a throttle is kept that nothing counts on, beyond its window.
const UNUSED: Duration = Duration::from_secs(3600);

pub(super) async fn take_finished(
    t: &mut SqliteTables<'_>,
    keep: Duration,
    limit: u32,
) -> Result<Option<Vec<JobId>>> {
    let statements = &t.storage.statements;
    let latest = before(t.clock(), keep);
    let take = sqlx::query(statements.take_finished.clone()).bind(latest).bind(limit);
    let rows = t.rows(take).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut listed = Vec::new();
    for row in &rows {
        listed.extend(unpack_ids(row.get(0)?));
    }
    let finished = sqlx::query(statements.gone_by.clone()).bind(ids_json(&listed)).bind(latest);
    t.read(finished).await.map(Some)
}

pub(super) async fn expired(t: &mut SqliteTables<'_>, limit: u32) -> Result<Vec<JobId>> {
    let sql = t.storage.statements.expired.clone();
    t.read(sqlx::query(sql).bind(t.clock()).bind(limit)).await
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
        &statements.delete_waiting,
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
        &statements.delete_tags,
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
    let now = t.clock();
    t.execute(sqlx::query(statements.forget_admissions.clone()).bind(now)).await?;
    let unused = before(now, UNUSED);
    t.execute(sqlx::query(statements.forget_throttles.clone()).bind(unused)).await?;
    Ok(())
}
