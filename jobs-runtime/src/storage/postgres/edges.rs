//! Continuations: who waits for whom.

use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::tables::{CHUNK, PostgresTables};
use super::values::{
    ascending, due_columns, due_of, from_word, job_id, job_ids, known, uuids, word,
};
use crate::job::JobId;
use crate::request::HandOver;
use crate::storage::model::{AwaitingRow, EdgeRow};
use crate::storage::tables::Result;

/// Fewer than elsewhere: to find one text among n takes n steps.
const RELEASES: usize = 1_000;

pub(super) async fn insert_awaiting(
    t: &mut PostgresTables<'_>,
    rows: &[AwaitingRow],
) -> Result<()> {
    for rows in rows.chunks(CHUNK) {
        let each = rows.iter();
        let (delays, instants): (Vec<Option<i64>>, Vec<Option<DateTime<Utc>>>) =
            each.clone().map(|row| due_columns(row.due)).unzip();
        let query = t
            .query(&t.sql.insert_awaiting)
            .bind(uuids(each.clone().map(|row| &row.job)))
            .bind(each.clone().map(|row| row.pending).collect::<Vec<i32>>())
            .bind(each.map(|row| row.hand_over.code()).collect::<Vec<i16>>())
            .bind(delays)
            .bind(instants);
        query.execute(&mut *t.conn).await?;
    }
    Ok(())
}

pub(super) async fn insert_edges(t: &mut PostgresTables<'_>, rows: &[EdgeRow]) -> Result<()> {
    for rows in rows.chunks(CHUNK) {
        let each = rows.iter();
        let triggers =
            each.clone().map(|row| word("trigger", &row.trigger)).collect::<Result<Vec<_>>>()?;
        let query = t
            .query(&t.sql.insert_edges)
            .bind(uuids(each.clone().map(|row| &row.child)))
            .bind(each.clone().map(|row| row.position).collect::<Vec<i32>>())
            .bind(uuids(each.clone().map(|row| &row.parent)))
            .bind(triggers)
            .bind(each.clone().map(|row| row.as_result).collect::<Vec<bool>>())
            .bind(each.clone().map(|row| row.released).collect::<Vec<bool>>())
            .bind(each.map(|row| row.output.as_deref()).collect::<Vec<Option<&str>>>());
        query.execute(&mut *t.conn).await?;
    }
    Ok(())
}

pub(super) async fn open_edges(
    t: &mut PostgresTables<'_>,
    parents: &[JobId],
) -> Result<Vec<EdgeRow>> {
    let query = t.query(&t.sql.open_edges).bind(uuids(parents));
    open_edges_of(&query.fetch_all(&mut *t.conn).await?)
}

pub(super) fn open_edges_of(rows: &[PgRow]) -> Result<Vec<EdgeRow>> {
    let mut edges = rows.iter().map(edge_of).collect::<Result<Vec<_>>>()?;
    // Not by the statement, which would then read the table in that order.
    edges.sort_unstable_by_key(|edge| (edge.child, edge.position));
    Ok(edges)
}

pub(super) async fn edges_to(
    t: &mut PostgresTables<'_>,
    children: &[JobId],
) -> Result<Vec<EdgeRow>> {
    let query = t.query(&t.sql.edges_to).bind(uuids(children));
    query.fetch_all(&mut *t.conn).await?.iter().map(edge_of).collect()
}

pub(super) async fn edges_from(
    t: &mut PostgresTables<'_>,
    parent: JobId,
    limit: u32,
) -> Result<Vec<EdgeRow>> {
    let query = t.query(&t.sql.edges_from).bind(Uuid::from(parent)).bind(i64::from(limit));
    query.fetch_all(&mut *t.conn).await?.iter().map(edge_of).collect()
}

pub(super) async fn release_edges(t: &mut PostgresTables<'_>, rows: &[EdgeRow]) -> Result<()> {
    for rows in rows.chunks(RELEASES) {
        let each = rows.iter();
        let query = t
            .query(&t.sql.release_edges)
            .bind(uuids(each.clone().map(|row| &row.child)))
            .bind(each.clone().map(|row| row.position).collect::<Vec<i32>>())
            .bind(each.map(|row| row.output.as_deref()).collect::<Vec<Option<&str>>>());
        query.execute(&mut *t.conn).await?;
    }
    Ok(())
}

pub(super) async fn count_down(
    t: &mut PostgresTables<'_>,
    children: &[(JobId, i32)],
) -> Result<Vec<AwaitingRow>> {
    let mut children = children.to_vec();
    children.sort_unstable();
    let mut rows = Vec::with_capacity(children.len());
    for children in children.chunks(CHUNK) {
        let (ids, counts): (Vec<Uuid>, Vec<i32>) =
            children.iter().map(|(job, count)| (job.as_uuid(), *count)).unzip();
        let query = t.query(&t.sql.count_down).bind(ids).bind(counts);
        for row in query.fetch_all(&mut *t.conn).await? {
            rows.push(awaiting_of(&row)?);
        }
    }
    Ok(rows)
}

pub(super) async fn awaiting(
    t: &mut PostgresTables<'_>,
    jobs: &[JobId],
) -> Result<Vec<AwaitingRow>> {
    let query = t.query(&t.sql.awaiting).bind(ascending(jobs));
    query.fetch_all(&mut *t.conn).await?.iter().map(awaiting_of).collect()
}

pub(super) async fn delete_awaiting(
    t: &mut PostgresTables<'_>,
    jobs: &[JobId],
) -> Result<Vec<JobId>> {
    let query = t.query(&t.sql.delete_awaiting).bind(ascending(jobs));
    job_ids(&query.fetch_all(&mut *t.conn).await?)
}

pub(super) async fn deleted_because_of(
    t: &mut PostgresTables<'_>,
    parents: &[JobId],
) -> Result<Vec<(JobId, JobId)>> {
    let query = t.query(&t.sql.deleted_because_of).bind(ascending(parents));
    let rows = t.look_up(query).await?;
    rows.iter().map(|row| Ok((job_id(row, 0)?, job_id(row, 1)?))).collect()
}

fn edge_of(row: &PgRow) -> Result<EdgeRow> {
    Ok(EdgeRow {
        child: job_id(row, 0)?,
        position: row.try_get(1)?,
        parent: job_id(row, 2)?,
        trigger: from_word("trigger", row.try_get(3)?)?,
        as_result: row.try_get(4)?,
        released: row.try_get(5)?,
        output: row.try_get(6)?,
    })
}

fn awaiting_of(row: &PgRow) -> Result<AwaitingRow> {
    let code: i16 = row.try_get(2)?;
    Ok(AwaitingRow {
        job: job_id(row, 0)?,
        pending: row.try_get(1)?,
        hand_over: known("hand-over", HandOver::from_code(code), code)?,
        due: due_of(row.try_get(3)?, row.try_get(4)?),
    })
}

pub(super) async fn caused(t: &mut PostgresTables<'_>, jobs: &[JobId]) -> Result<Vec<JobId>> {
    let query = t.query(&t.sql.caused).bind(ascending(jobs));
    job_ids(&query.fetch_all(&mut *t.conn).await?)
}
