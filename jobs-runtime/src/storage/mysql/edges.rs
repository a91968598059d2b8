//! Jobs that wait for others.

use super::tables::MySqlTables;
use super::values::{due_columns, hex_of, ids_json, json, word};
use super::{batch, seqs};
use crate::job::JobId;
use crate::storage::model::{AwaitingRow, EdgeRow};
use crate::storage::tables::Result;

pub(super) async fn insert_awaiting(t: &mut MySqlTables<'_>, rows: &[AwaitingRow]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut seqs = seqs::next(t, rows.len()).await?;
    batch::insert(t, &t.shared.batches.awaiting, rows, |values, row| {
        let (delay, due_at) = due_columns(row.due);
        values.add(row.job.as_uuid()).add(seqs.next()).add(row.pending);
        values.add(row.hand_over.code()).add(delay).add(due_at);
    })
    .await
}

pub(super) async fn insert_edges(t: &mut MySqlTables<'_>, rows: &[EdgeRow]) -> Result<()> {
    batch::insert_large(t, &t.shared.batches.edges, rows, output_size, |values, row| {
        values.add(row.child.as_uuid()).add(row.position).add(row.parent.as_uuid());
        values.add(word(&row.trigger)).add(row.as_result).add(row.released);
        values.add(row.output.as_deref());
    })
    .await
}

fn output_size(row: &EdgeRow) -> usize {
    row.output.as_ref().map_or(0, String::len)
}

fn in_order(mut edges: Vec<EdgeRow>) -> Vec<EdgeRow> {
    edges.sort_unstable_by_key(|edge| (edge.child, edge.position));
    edges
}

pub(super) async fn open_edges(t: &mut MySqlTables<'_>, parents: &[JobId]) -> Result<Vec<EdgeRow>> {
    if parents.is_empty() {
        return Ok(Vec::new());
    }
    Ok(in_order(t.read_of(&t.sql.open_edges, &ids_json(parents)).await?))
}

pub(super) async fn edges_to(t: &mut MySqlTables<'_>, children: &[JobId]) -> Result<Vec<EdgeRow>> {
    if children.is_empty() {
        return Ok(Vec::new());
    }
    Ok(in_order(t.read_of(&t.sql.edges_to, &ids_json(children)).await?))
}

pub(super) async fn edges_from(
    t: &mut MySqlTables<'_>,
    parent: JobId,
    limit: u32,
) -> Result<Vec<EdgeRow>> {
    let query = t.query(&t.sql.edges_from).bind(parent.as_uuid()).bind(limit);
    Ok(in_order(t.read(query).await?))
}

pub(super) async fn release_edges(t: &mut MySqlTables<'_>, mut rows: &[EdgeRow]) -> Result<()> {
    while !rows.is_empty() {
        let (some, rest) = rows.split_at(batch::together(rows, output_size));
        rows = rest;
        let some: Vec<(String, i32, Option<&str>)> = some
            .iter()
            .map(|row| (hex_of(row.child), row.position, row.output.as_deref()))
            .collect();
        t.execute_of(&t.sql.release_edges, &json(&some)).await?;
    }
    Ok(())
}

pub(super) async fn count_down(
    t: &mut MySqlTables<'_>,
    children: &[(JobId, i32)],
) -> Result<Vec<AwaitingRow>> {
    if children.is_empty() {
        return Ok(Vec::new());
    }
    let mut children = children.to_vec();
    children.sort_unstable();
    let taken: Vec<(String, i32)> =
        children.iter().map(|(child, count)| (hex_of(*child), *count)).collect();
    t.execute_of(&t.sql.count_down, &json(&taken)).await?;
    let ids: Vec<JobId> = children.iter().map(|(child, _)| *child).collect();
    t.read_of(&t.sql.awaiting, &ids_json(&ids)).await
}

pub(super) async fn awaiting(t: &mut MySqlTables<'_>, jobs: &[JobId]) -> Result<Vec<AwaitingRow>> {
    t.read_of(&t.sql.awaiting, &ids_json(jobs)).await
}

pub(super) async fn delete_awaiting(t: &mut MySqlTables<'_>, jobs: &[JobId]) -> Result<Vec<JobId>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let mut jobs = jobs.to_vec();
    jobs.sort_unstable();
    let ids = ids_json(&jobs);
    let awaiting = t.read_of(&t.sql.lock_awaiting, &ids).await?;
    t.execute_of(&t.sql.delete_awaiting, &ids).await?;
    Ok(awaiting)
}

pub(super) async fn deleted_because_of(
    t: &mut MySqlTables<'_>,
    parents: &[JobId],
) -> Result<Vec<(JobId, JobId)>> {
    let mut pairs: Vec<(JobId, JobId)> =
        t.read_of(&t.sql.deleted_because_of, &ids_json(parents)).await?;
    pairs.sort_unstable();
    Ok(pairs)
}

pub(super) async fn caused(t: &mut MySqlTables<'_>, jobs: &[JobId]) -> Result<Vec<JobId>> {
    t.read_of(&t.sql.caused, &ids_json(jobs)).await
}
