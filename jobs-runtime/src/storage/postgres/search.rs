//! Lists of jobs, and what a search compares.

use chrono::{DateTime, Utc};
use sqlx::SqlStr;

use super::tables::PostgresTables;
use super::values::{instant, storable, uuids};
use crate::job::JobId;
use crate::storage::model::{FinishedRow, List, Listed};
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
    t.look_up(query).await
}

async fn by_time(
    t: &mut PostgresTables<'_>,
    statement: &SqlStr,
    after: Key,
    limit: u32,
) -> Result<Vec<Listed>> {
    let query = t.query(statement).bind(instant(after.at)).bind(after.seq).bind(i64::from(limit));
    let rows: Vec<(JobId, DateTime<Utc>, i64)> = t.look_up(query).await?;
    let listed = |(job, at, seq): (JobId, DateTime<Utc>, i64)| Listed {
        job,
        key: Key { at: at.timestamp_micros(), seq, nth: 0 },
    };
    Ok(rows.into_iter().map(listed).collect())
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
    let rows: Vec<(JobId, i64)> = t.look_up(query).await?;
    let listed = |(job, seq)| Listed { job, key: Key { at: 0, seq, nth: 0 } };
    Ok(rows.into_iter().map(listed).collect())
}

pub(super) async fn finished(
    t: &mut PostgresTables<'_>,
    from: Key,
    limit: u32,
) -> Result<Vec<FinishedRow>> {
    let query =
        t.query(&t.sql.finished).bind(instant(from.at)).bind(from.seq).bind(i64::from(limit));
    t.look_up(query).await
}

pub(super) async fn lines(t: &mut PostgresTables<'_>) -> Result<Vec<String>> {
    let query = t.query(&t.sql.lines);
    t.look_up(query).await
}

pub(super) async fn tag_size(t: &mut PostgresTables<'_>, tag: &str, most: u32) -> Result<u32> {
    let query = t.query(&t.sql.tag_size).bind(storable(tag).as_ref()).bind(i64::from(most));
    let size: Option<i64> = t.look_up(query).await?.pop();
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
    t.look_up(query).await
}
