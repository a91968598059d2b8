//! The narrow tables of the rarer states.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{Row, SqlStr};
use uuid::Uuid;

use super::tables::{CHUNK, PostgresTables};
use super::values::{due_columns, job_id, micros, storable, uuids};
use crate::job::{BatchId, JobId};
use crate::storage::model::{Count, DeletedRow, FailedRow, LineRow, ScheduleRow};
use crate::storage::tables::Result;

pub(super) async fn insert_schedule(
    t: &mut PostgresTables<'_>,
    rows: &[ScheduleRow],
) -> Result<()> {
    for rows in rows.chunks(CHUNK) {
        let each = rows.iter();
        let (delays, instants): (Vec<Option<i64>>, Vec<Option<DateTime<Utc>>>) =
            each.clone().map(|row| due_columns(row.due)).unzip();
        let query = t
            .query(&t.sql.insert_schedule)
            .bind(uuids(each.clone().map(|row| &row.job)))
            .bind(delays)
            .bind(instants)
            .bind(each.clone().map(|row| row.count.run).collect::<Vec<i32>>())
            .bind(each.clone().map(|row| row.count.charged).collect::<Vec<i32>>())
            .bind(each.map(|row| row.reason as i16).collect::<Vec<i16>>());
        query.execute(&mut *t.conn).await?;
    }
    Ok(())
}

pub(super) async fn take_due(t: &mut PostgresTables<'_>, limit: u32) -> Result<Vec<LineRow>> {
    let query = t.query(&t.sql.take_due).bind(i64::from(limit));
    let rows = query.fetch_all(&mut *t.conn).await?;
    rows.iter()
        .map(|row| {
            Ok(LineRow {
                job: job_id(row, 0)?,
                kind: row.try_get(1)?,
                queue: row.try_get(2)?,
                priority: row.try_get(3)?,
                count: Count { run: row.try_get(4)?, charged: row.try_get(5)? },
                options: row.try_get(6)?,
                solo: false,
                seq: None,
                due: row.try_get(7)?,
            })
        })
        .collect()
}

pub(super) async fn insert_failed(t: &mut PostgresTables<'_>, rows: &[FailedRow]) -> Result<()> {
    for rows in rows.chunks(CHUNK) {
        let each = rows.iter();
        let query = t
            .query(&t.sql.insert_failed)
            .bind(uuids(each.clone().map(|row| &row.job)))
            .bind(each.clone().map(|row| row.reason as i16).collect::<Vec<i16>>())
            .bind(each.clone().map(|row| row.failure.as_str()).collect::<Vec<&str>>())
            .bind(each.clone().map(|row| row.count.run).collect::<Vec<i32>>())
            .bind(each.map(|row| row.count.charged).collect::<Vec<i32>>());
        query.execute(&mut *t.conn).await?;
    }
    Ok(())
}

pub(super) async fn insert_deleted(t: &mut PostgresTables<'_>, rows: &[DeletedRow]) -> Result<()> {
    for rows in rows.chunks(CHUNK) {
        let each = rows.iter();
        let reasons: Vec<_> = each.clone().map(|row| storable(&row.reason)).collect();
        let query = t
            .query(&t.sql.insert_deleted)
            .bind(uuids(each.clone().map(|row| &row.job)))
            .bind(reasons.iter().map(AsRef::as_ref).collect::<Vec<&str>>())
            .bind(each.clone().map(|row| row.cause.map(Uuid::from)).collect::<Vec<Option<Uuid>>>())
            .bind(each.clone().map(|row| row.failure.as_deref()).collect::<Vec<Option<&str>>>())
            .bind(each.clone().map(|row| row.count.run).collect::<Vec<i32>>())
            .bind(each.map(|row| row.count.charged).collect::<Vec<i32>>());
        query.execute(&mut *t.conn).await?;
    }
    Ok(())
}

pub(super) async fn insert_expiry(
    t: &mut PostgresTables<'_>,
    rows: &[(JobId, Duration)],
) -> Result<()> {
    insert_times(t, rows, &t.sql.insert_expiry).await
}

pub(super) async fn insert_kept(
    t: &mut PostgresTables<'_>,
    rows: &[(JobId, Duration)],
) -> Result<()> {
    insert_times(t, rows, &t.sql.insert_kept).await
}

pub(super) async fn insert_batch_finished(
    t: &mut PostgresTables<'_>,
    rows: &[(BatchId, Vec<u8>)],
) -> Result<()> {
    let query = t
        .query(&t.sql.insert_batch_finished)
        .bind(rows.iter().map(|(batch, _)| batch.as_uuid()).collect::<Vec<Uuid>>())
        .bind(rows.iter().map(|(_, jobs)| jobs.as_slice()).collect::<Vec<&[u8]>>());
    query.execute(&mut *t.conn).await?;
    Ok(())
}

async fn insert_times(
    t: &mut PostgresTables<'_>,
    rows: &[(JobId, Duration)],
    statement: &SqlStr,
) -> Result<()> {
    for rows in rows.chunks(CHUNK) {
        let query = t
            .query(statement)
            .bind(uuids(rows.iter().map(|(job, _)| job)))
            .bind(rows.iter().map(|(_, keep)| micros(*keep)).collect::<Vec<i64>>());
        query.execute(&mut *t.conn).await?;
    }
    Ok(())
}
