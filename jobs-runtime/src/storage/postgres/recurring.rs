//! Recurring schedules.

use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::tables::PostgresTables;
use super::values::{duration, from_word, micros, word};
use crate::job::JobId;
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
    let rows = t.query(&t.sql.recurring).fetch_all(&mut *t.conn).await?;
    rows.iter().map(recurring_of).collect()
}

pub(super) async fn lock_recurring(
    t: &mut PostgresTables<'_>,
    id: &str,
    wait: bool,
) -> Result<Option<RecurringRow>> {
    let statement = if wait { &t.sql.lock_recurring } else { &t.sql.lock_free_recurring };
    let row = t.query(statement).bind(id).fetch_optional(&mut *t.conn).await?;
    row.as_ref().map(recurring_of).transpose()
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
    let rows = query.fetch_all(&mut *t.conn).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

fn recurring_of(row: &PgRow) -> Result<RecurringRow> {
    Ok(RecurringRow {
        id: row.try_get(0)?,
        kind: row.try_get(1)?,
        queue: row.try_get(2)?,
        priority: row.try_get(3)?,
        args: row.try_get(4)?,
        options: row.try_get(5)?,
        expires: row.try_get::<Option<i64>, _>(6)?.map(duration),
        cron: row.try_get(7)?,
        tz: row.try_get(8)?,
        misfire: from_word("misfire", row.try_get(9)?)?,
        overlap: from_word("overlap", row.try_get(10)?)?,
        jitter: duration(row.try_get(11)?),
        paused: row.try_get(12)?,
        declared: row.try_get(13)?,
        next_at: row.try_get(14)?,
        last_at: row.try_get(15)?,
        last_job: row.try_get::<Option<Uuid>, _>(16)?.map(JobId::from),
        error: row.try_get(17)?,
    })
}

pub(super) async fn fires(
    t: &mut PostgresTables<'_>,
    recurring: &[String],
    limit: u32,
) -> Result<Vec<FireRow>> {
    let query = t.query(&t.sql.fires).bind(recurring.to_vec()).bind(i64::from(limit));
    let fire = |row: &PgRow| {
        let job = row.try_get::<Option<Uuid>, _>(2)?.map(JobId::from);
        Ok(FireRow { recurring: row.try_get(0)?, at: row.try_get(1)?, job })
    };
    t.look_up(query).await?.iter().map(fire).collect()
}
