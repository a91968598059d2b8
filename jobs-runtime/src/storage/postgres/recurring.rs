//! Recurring schedules.

use chrono::{DateTime, Utc};
use sqlx::Row;
use uuid::Uuid;

use super::tables::PostgresTables;
use super::values::{micros, word};
use crate::storage::recurring::{FireRow, RecurringRow};
use crate::storage::tables::Result;

pub(super) async fn put_recurring(t: &mut PostgresTables<'_>, row: &RecurringRow) -> Result<()> {
    let query = t
        .query(&t.sql.put_recurring)
        .bind(&row.id)
        .bind(&row.kind)
        .bind(&row.queue)
        .bind(row.priority)
        .bind(&row.args)
        .bind(&row.options)
        .bind(row.expires.map(micros))
        .bind(&row.cron)
        .bind(&row.tz)
        .bind(word("misfire", &row.misfire)?)
        .bind(word("overlap", &row.overlap)?)
        .bind(micros(row.jitter))
        .bind(row.paused)
        .bind(&row.declared)
        .bind(row.next_at)
        .bind(row.last_at)
        .bind(row.last_job.map(Uuid::from))
        .bind(&row.error);
    query.execute(&mut *t.conn).await?;
    Ok(())
}

pub(super) async fn move_recurring(t: &mut PostgresTables<'_>, row: &RecurringRow) -> Result<()> {
    let query = t
        .query(&t.sql.move_recurring)
        .bind(&row.id)
        .bind(row.next_at)
        .bind(row.last_at)
        .bind(row.last_job.map(Uuid::from))
        .bind(&row.error);
    query.execute(&mut *t.conn).await?;
    Ok(())
}

pub(super) async fn recurring(t: &mut PostgresTables<'_>) -> Result<Vec<RecurringRow>> {
    t.read(t.query(&t.sql.recurring)).await
}

pub(super) async fn lock_recurring(
    t: &mut PostgresTables<'_>,
    id: &str,
    wait: bool,
) -> Result<Option<RecurringRow>> {
    let statement = if wait { &t.sql.lock_recurring } else { &t.sql.lock_free_recurring };
    t.read_one(t.query(statement).bind(id)).await
}

pub(super) async fn delete_recurring(t: &mut PostgresTables<'_>, id: &str) -> Result<bool> {
    let query = t.query(&t.sql.delete_recurring).bind(id);
    Ok(query.fetch_one(&mut *t.conn).await?.try_get(0)?)
}

pub(super) async fn insert_fires(
    t: &mut PostgresTables<'_>,
    rows: &[FireRow],
) -> Result<Vec<DateTime<Utc>>> {
    let each = rows.iter();
    let query = t
        .query(&t.sql.insert_fires)
        .bind(each.clone().map(|row| row.recurring.as_str()).collect::<Vec<&str>>())
        .bind(each.clone().map(|row| row.at).collect::<Vec<DateTime<Utc>>>())
        .bind(each.map(|row| row.job.map(Uuid::from)).collect::<Vec<Option<Uuid>>>());
    t.read(query).await
}

pub(super) async fn fires(
    t: &mut PostgresTables<'_>,
    recurring: &[String],
    limit: u32,
) -> Result<Vec<FireRow>> {
    let query = t.query(&t.sql.fires).bind(recurring.to_vec()).bind(i64::from(limit));
    t.look_up(query).await
}
