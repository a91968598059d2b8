//! Continuations: who waits for whom.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::tables::{CHUNK, PostgresTables};
use super::values::{ascending, due_columns, uuids, word};
use crate::job::JobId;
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
    Ok(in_order(t.read(query).await?))
}

/// Not by the statement, which would then read the table in that order.
pub(super) fn in_order(mut edges: Vec<EdgeRow>) -> Vec<EdgeRow> {
    edges.sort_unstable_by_key(|edge| (edge.child, edge.position));
    edges
}

pub(super) async fn edges_to(
    t: &mut PostgresTables<'_>,
    children: &[JobId],
) -> Result<Vec<EdgeRow>> {
    let query = t.query(&t.sql.edges_to).bind(uuids(children));
    t.read(query).await
}

pub(super) async fn edges_from(
    t: &mut PostgresTables<'_>,
    parent: JobId,
    limit: u32,
) -> Result<Vec<EdgeRow>> {
    let query = t.query(&t.sql.edges_from).bind(Uuid::from(parent)).bind(i64::from(limit));
    t.read(query).await
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
        rows.append(&mut t.read(query).await?);
    }
    Ok(rows)
}

pub(super) async fn awaiting(
    t: &mut PostgresTables<'_>,
    jobs: &[JobId],
) -> Result<Vec<AwaitingRow>> {
    let query = t.query(&t.sql.awaiting).bind(ascending(jobs));
    t.read(query).await
}

pub(super) async fn delete_awaiting(
    t: &mut PostgresTables<'_>,
    jobs: &[JobId],
) -> Result<Vec<JobId>> {
    let query = t.query(&t.sql.delete_awaiting).bind(ascending(jobs));
    t.read(query).await
}

pub(super) async fn deleted_because_of(
    t: &mut PostgresTables<'_>,
    parents: &[JobId],
) -> Result<Vec<(JobId, JobId)>> {
    let query = t.query(&t.sql.deleted_because_of).bind(ascending(parents));
    t.look_up(query).await
}

pub(super) async fn caused(t: &mut PostgresTables<'_>, jobs: &[JobId]) -> Result<Vec<JobId>> {
    let query = t.query(&t.sql.caused).bind(ascending(jobs));
    t.read(query).await
}
