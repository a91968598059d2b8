//! Recurring schedules.

use chrono::{DateTime, Utc};

use super::tables::MySqlTables;
use super::values::{json, micros, to_micros, word};
use crate::job::JobId;
use crate::storage::recurring::{FireRow, RecurringRow};
use crate::storage::tables::Result;

pub(super) async fn put_recurring(t: &mut MySqlTables<'_>, row: &RecurringRow) -> Result<()> {
    t.fits(row.args.len())?;
    let put = t
        .query(&t.sql.put_recurring)
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

pub(super) async fn move_recurring(t: &mut MySqlTables<'_>, row: &RecurringRow) -> Result<()> {
    let moved = t
        .query(&t.sql.move_recurring)
        .bind(row.next_at.map(to_micros))
        .bind(row.last_at.map(to_micros))
        .bind(row.last_job.map(JobId::as_uuid))
        .bind(row.error.as_deref())
        .bind(row.id.as_str());
    t.execute(moved).await?;
    Ok(())
}

async fn changed(t: &mut MySqlTables<'_>) -> Result<()> {
    t.execute(t.query(&t.sql.recurring_changed)).await?;
    Ok(())
}

pub(super) async fn recurring(t: &mut MySqlTables<'_>) -> Result<Vec<RecurringRow>> {
    t.read(t.query(&t.sql.recurring)).await
}

pub(super) async fn lock_recurring(
    t: &mut MySqlTables<'_>,
    id: &str,
    wait: bool,
) -> Result<Option<RecurringRow>> {
    let sql = if wait { &t.sql.lock_recurring } else { &t.sql.lock_free_recurring };
    let query = t.query(sql).bind(id.to_owned());
    t.read_one(query).await
}

pub(super) async fn delete_recurring(t: &mut MySqlTables<'_>, id: &str) -> Result<bool> {
    let query = t.query(&t.sql.delete_recurring).bind(id.to_owned());
    let deleted = t.execute(query).await? > 0;
    if deleted {
        changed(t).await?;
    }
    Ok(deleted)
}

pub(super) async fn insert_fires(
    t: &mut MySqlTables<'_>,
    rows: &[FireRow],
) -> Result<Vec<DateTime<Utc>>> {
    let mut new = Vec::with_capacity(rows.len());
    for row in rows {
        let insert = t
            .query(&t.sql.insert_fire)
            .bind(row.recurring.as_str())
            .bind(to_micros(row.at))
            .bind(row.job.map(JobId::as_uuid));
        if t.execute(insert).await? > 0 {
            new.push(row.at);
        }
    }
    Ok(new)
}

pub(super) async fn fires(
    t: &mut MySqlTables<'_>,
    recurring: &[String],
    limit: u32,
) -> Result<Vec<FireRow>> {
    let query = t.query(&t.sql.fires).bind(json(recurring)).bind(limit.saturating_sub(1));
    t.read(query).await
}
