//! Recurring schedules.

use chrono::{DateTime, Utc};

use super::tables::SqliteTables;
use super::values::{json, micros, word};
use crate::job::JobId;
use crate::storage::recurring::{FireRow, RecurringRow};
use crate::storage::tables::Result;

pub(super) async fn put_recurring(t: &mut SqliteTables<'_>, row: &RecurringRow) -> Result<()> {
    let put = sqlx::query(t.storage.statements.put_recurring.clone())
        .bind(row.id.as_str())
        .bind(row.kind.as_str())
        .bind(row.queue.as_str())
        .bind(row.priority)
        .bind(row.args.as_str())
        .bind(row.options.as_deref())
        .bind(row.expires.map(micros))
        .bind(row.cron.as_str())
        .bind(row.tz.as_str())
        .bind(word(&row.misfire))
        .bind(word(&row.overlap))
        .bind(micros(row.jitter))
        .bind(row.paused)
        .bind(row.declared.as_deref())
        .bind(row.next_at.map(to_micros))
        .bind(row.last_at.map(to_micros))
        .bind(row.last_job.map(JobId::as_uuid))
        .bind(row.error.as_deref());
    t.execute(put).await?;
    changed(t).await
}

pub(super) async fn move_recurring(t: &mut SqliteTables<'_>, row: &RecurringRow) -> Result<()> {
    let moved = sqlx::query(t.storage.statements.move_recurring.clone())
        .bind(row.id.as_str())
        .bind(row.next_at.map(to_micros))
        .bind(row.last_at.map(to_micros))
        .bind(row.last_job.map(JobId::as_uuid))
        .bind(row.error.as_deref());
    t.execute(moved).await?;
    Ok(())
}

async fn changed(t: &mut SqliteTables<'_>) -> Result<()> {
    t.execute(sqlx::query(t.storage.statements.recurring_changed.clone())).await?;
    Ok(())
}

fn to_micros(instant: DateTime<Utc>) -> i64 {
    instant.timestamp_micros()
}

pub(super) async fn recurring(t: &mut SqliteTables<'_>) -> Result<Vec<RecurringRow>> {
    t.read(sqlx::query(t.storage.statements.all_recurring.clone())).await
}

/// Never locked by another: whoever writes has the lock of the whole database.
pub(super) async fn lock_recurring(
    t: &mut SqliteTables<'_>,
    id: &str,
    _wait: bool,
) -> Result<Option<RecurringRow>> {
    let sql = t.storage.statements.one_recurring.clone();
    t.read_one(sqlx::query(sql).bind(id)).await
}

pub(super) async fn delete_recurring(t: &mut SqliteTables<'_>, id: &str) -> Result<bool> {
    let sql = t.storage.statements.delete_recurring.clone();
    let deleted = t.execute(sqlx::query(sql).bind(id)).await? > 0;
    if deleted {
        changed(t).await?;
    }
    Ok(deleted)
}

pub(super) async fn insert_fires(
    t: &mut SqliteTables<'_>,
    rows: &[FireRow],
) -> Result<Vec<DateTime<Utc>>> {
    let mut new = Vec::with_capacity(rows.len());
    for row in rows {
        let fire = sqlx::query(t.storage.statements.insert_fire.clone())
            .bind(row.recurring.as_str())
            .bind(to_micros(row.at))
            .bind(row.job.map(JobId::as_uuid));
        if t.execute(fire).await? > 0 {
            new.push(row.at);
        }
    }
    Ok(new)
}

pub(super) async fn fires(
    t: &mut SqliteTables<'_>,
    recurring: &[String],
    limit: u32,
) -> Result<Vec<FireRow>> {
    let sql = t.storage.statements.fires.clone();
    let query = sqlx::query(sql).bind(json(recurring)).bind(limit.saturating_sub(1));
    t.read(query).await
}
