//! Lists of jobs, and what a search compares.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::{Row, SqlStr};

use super::tables::PostgresTables;
use super::values::{instant, job_id, job_ids, storable, uuids};
use crate::job::JobId;
use crate::storage::model::{FinishedRow, List, Listed};
use crate::storage::packing::unpack_ids;
use crate::storage::search::{Key, Sieve};
use crate::storage::tables::Result;

pub(super) async fn list(
    t: &mut PostgresTables<'_>,
    list: List<'_>,
    after: Key,
    limit: u32,
) -> Result<Vec<Listed>> {
    match list {
        List::Line(queue) => line(t, queue, after, limit).await,
        List::Schedule => by_time(t, &t.sql.list_schedule, after, limit).await,
        List::Retries => by_time(t, &t.sql.list_retries, after, limit).await,
        List::Failed => by_time(t, &t.sql.list_failed, after, limit).await,
        List::Deleted => by_time(t, &t.sql.list_deleted, after, limit).await,
        List::Kept => by_time(t, &t.sql.list_kept, after, limit).await,
        List::Awaiting => by_place(t, &t.sql.list_awaiting, None, after, limit).await,
        List::Tagged(tag) => by_place(t, &t.sql.list_tagged, Some(tag), after, limit).await,
    }
}

async fn line(
    t: &mut PostgresTables<'_>,
    queue: &str,
    after: Key,
    limit: u32,
) -> Result<Vec<Listed>> {
    // Below and above all ranks, a key of 16 bits stands for the same place.
    let rank = i16::try_from(after.at).unwrap_or(if after.at < 0 { i16::MIN } else { i16::MAX });
    let query = t
        .query(&t.sql.list_line)
        .bind(rank)
        .bind(after.seq)
        .bind(i64::from(limit))
        .bind(storable(queue).as_ref());
    t.look_up(query).await?.iter().map(|row| listed(row, row.try_get(1)?, 2)).collect()
}

async fn by_time(
    t: &mut PostgresTables<'_>,
    statement: &SqlStr,
    after: Key,
    limit: u32,
) -> Result<Vec<Listed>> {
    let query = t.query(statement).bind(instant(after.at)).bind(after.seq).bind(i64::from(limit));
    t.look_up(query).await?.iter().map(|row| listed(row, micros_of(row, 1)?, 2)).collect()
}

async fn by_place(
    t: &mut PostgresTables<'_>,
    statement: &SqlStr,
    tag: Option<&str>,
    after: Key,
    limit: u32,
) -> Result<Vec<Listed>> {
    let mut query = t.query(statement).bind(after.seq).bind(i64::from(limit));
    if let Some(tag) = tag {
        query = query.bind(storable(tag).as_ref());
    }
    t.look_up(query).await?.iter().map(|row| listed(row, 0, 1)).collect()
}

fn listed(row: &PgRow, at: i64, seq: usize) -> Result<Listed> {
    let key = Key { at, seq: row.try_get(seq)?, nth: 0 };
    Ok(Listed { job: job_id(row, 0)?, key })
}

fn micros_of(row: &PgRow, column: usize) -> Result<i64> {
    Ok(row.try_get::<DateTime<Utc>, _>(column)?.timestamp_micros())
}

pub(super) async fn finished(
    t: &mut PostgresTables<'_>,
    from: Key,
    limit: u32,
) -> Result<Vec<FinishedRow>> {
    let query =
        t.query(&t.sql.finished).bind(instant(from.at)).bind(from.seq).bind(i64::from(limit));
    let row = |row: &PgRow| {
        let jobs = unpack_ids(row.try_get(2)?);
        Ok(FinishedRow { at: micros_of(row, 0)?, id: row.try_get(1)?, jobs })
    };
    t.look_up(query).await?.iter().map(row).collect()
}

pub(super) async fn lines(t: &mut PostgresTables<'_>) -> Result<Vec<String>> {
    let query = t.query(&t.sql.lines);
    t.look_up(query).await?.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

pub(super) async fn tag_size(t: &mut PostgresTables<'_>, tag: &str, most: u32) -> Result<u32> {
    let query = t.query(&t.sql.tag_size).bind(storable(tag).as_ref()).bind(i64::from(most));
    let rows = t.look_up(query).await?;
    let size: Option<i64> = rows.first().map(|row| row.try_get(0)).transpose()?;
    Ok(size.and_then(|size| u32::try_from(size).ok()).unwrap_or(most))
}

pub(super) async fn sift(
    t: &mut PostgresTables<'_>,
    jobs: &[JobId],
    sieve: &Sieve,
) -> Result<Vec<JobId>> {
    let some = |list: &[String]| {
        let texts = list.iter().map(|text| storable(text).into_owned());
        (!list.is_empty()).then(|| texts.collect::<Vec<String>>())
    };
    let needle = |nth| sieve.needles.get(nth).map(|needle: &String| storable(needle).into_owned());
    let query = t
        .query(&t.sql.sift)
        .bind(uuids(jobs))
        .bind(some(&sieve.kinds))
        .bind(some(&sieve.queues))
        .bind(some(&sieve.tags))
        .bind(sieve.created.from.map(instant))
        .bind(sieve.created.before.map(instant))
        .bind(needle(0))
        .bind(needle(1));
    job_ids(&t.look_up(query).await?)
}
