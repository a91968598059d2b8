//! Jobs that wait for others.

use super::batch;
use super::tables::SqliteTables;
use super::values::{hex_of, ids_json, json, micros, word};
use crate::job::JobId;
use crate::storage::model::{AwaitingRow, Due, EdgeRow};
use crate::storage::tables::Result;

pub(super) async fn insert_awaiting(t: &mut SqliteTables<'_>, rows: &[AwaitingRow]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut seq = t.next_seqs(rows.len()).await?..;
    let storage = t.storage;
    batch::insert(t, &storage.batches.awaiting, rows, |values, row| {
        let (delay, due_at) = match row.due {
            Due::Now => (None, None),
            Due::In(delay) => (Some(micros(delay)), None),
            Due::At(instant) => (None, Some(instant.timestamp_micros())),
        };
        values.add(row.job.as_uuid()).add(seq.next()).add(row.pending);
        values.add(row.hand_over.code()).add(delay).add(due_at);
    })
    .await
}

pub(super) async fn insert_edges(t: &mut SqliteTables<'_>, rows: &[EdgeRow]) -> Result<()> {
    let storage = t.storage;
    batch::insert(t, &storage.batches.edges, rows, |values, row| {
        values.add(row.child.as_uuid()).add(row.position).add(row.parent.as_uuid());
        values.add(word(&row.trigger)).add(row.as_result).add(row.released);
        values.add(row.output.as_deref());
    })
    .await
}

pub(super) async fn open_edges(
    t: &mut SqliteTables<'_>,
    parents: &[JobId],
) -> Result<Vec<EdgeRow>> {
    if parents.is_empty() {
        return Ok(Vec::new());
    }
    t.read_of(&t.storage.statements.open_edges, ids_json(parents)).await
}

pub(super) async fn edges_to(t: &mut SqliteTables<'_>, children: &[JobId]) -> Result<Vec<EdgeRow>> {
    if children.is_empty() {
        return Ok(Vec::new());
    }
    t.read_of(&t.storage.statements.edges_to, ids_json(children)).await
}

pub(super) async fn edges_from(
    t: &mut SqliteTables<'_>,
    parent: JobId,
    limit: u32,
) -> Result<Vec<EdgeRow>> {
    let sql = t.storage.statements.edges_from.clone();
    t.read(sqlx::query(sql).bind(parent.as_uuid()).bind(limit)).await
}

pub(super) async fn release_edges(t: &mut SqliteTables<'_>, rows: &[EdgeRow]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let rows: Vec<(String, i32, Option<&str>)> =
        rows.iter().map(|row| (hex_of(row.child), row.position, row.output.as_deref())).collect();
    let sql = t.storage.statements.release_edges.clone();
    t.execute(sqlx::query(sql).bind(json(&rows))).await?;
    Ok(())
}

pub(super) async fn count_down(
    t: &mut SqliteTables<'_>,
    children: &[(JobId, i32)],
) -> Result<Vec<AwaitingRow>> {
    if children.is_empty() {
        return Ok(Vec::new());
    }
    let taken: Vec<(String, i32)> =
        children.iter().map(|(child, count)| (hex_of(*child), *count)).collect();
    t.read_of(&t.storage.statements.count_down, json(&taken)).await
}

pub(super) async fn awaiting(t: &mut SqliteTables<'_>, jobs: &[JobId]) -> Result<Vec<AwaitingRow>> {
    t.read_of(&t.storage.statements.awaiting, ids_json(jobs)).await
}

pub(super) async fn delete_awaiting(
    t: &mut SqliteTables<'_>,
    jobs: &[JobId],
) -> Result<Vec<JobId>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    t.read_of(&t.storage.statements.delete_awaiting, ids_json(jobs)).await
}

pub(super) async fn deleted_because_of(
    t: &mut SqliteTables<'_>,
    parents: &[JobId],
) -> Result<Vec<(JobId, JobId)>> {
    t.read_of(&t.storage.statements.deleted_because_of, ids_json(parents)).await
}

pub(super) async fn caused(t: &mut SqliteTables<'_>, jobs: &[JobId]) -> Result<Vec<JobId>> {
    t.read_of(&t.storage.statements.caused, ids_json(jobs)).await
}
