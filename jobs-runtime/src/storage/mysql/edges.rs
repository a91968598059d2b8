//! Jobs that wait for others.

use sqlx::mysql::MySqlRow;

use super::tables::MySqlTables;
use super::values::{
    damaged, due_columns, duration, get, get_id, get_optional_instant, get_word, hex_of, ids_json,
    json, word,
};
use super::{batch, seqs};
use crate::job::JobId;
use crate::request::HandOver;
use crate::storage::model::{AwaitingRow, Due, EdgeRow};
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

fn awaiting_row(row: &MySqlRow) -> Result<AwaitingRow> {
    let code = get(row, 2)?;
    let hand_over = HandOver::from_code(code)
        .ok_or_else(|| damaged("form of what a parent hands over", code))?;
    let due = match (get::<_, Option<i64>>(row, 3)?, get_optional_instant(row, 4)?) {
        (Some(delay), _) => Due::In(duration(delay)),
        (None, Some(instant)) => Due::At(instant),
        (None, None) => Due::Now,
    };
    Ok(AwaitingRow { job: get_id(row, 0)?, pending: get(row, 1)?, hand_over, due })
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

fn edge_rows(rows: &[MySqlRow]) -> Result<Vec<EdgeRow>> {
    let mut edges = rows.iter().map(edge_row).collect::<Result<Vec<EdgeRow>>>()?;
    edges.sort_unstable_by_key(|edge| (edge.child, edge.position));
    Ok(edges)
}

fn edge_row(row: &MySqlRow) -> Result<EdgeRow> {
    Ok(EdgeRow {
        child: get_id(row, 0)?,
        position: get(row, 1)?,
        parent: get_id(row, 2)?,
        trigger: get_word(row, 3, "trigger of a continuation")?,
        as_result: get(row, 4)?,
        released: get(row, 5)?,
        output: get(row, 6)?,
    })
}

pub(super) async fn open_edges(t: &mut MySqlTables<'_>, parents: &[JobId]) -> Result<Vec<EdgeRow>> {
    if parents.is_empty() {
        return Ok(Vec::new());
    }
    edge_rows(&t.rows_of(&t.sql.open_edges, &ids_json(parents)).await?)
}

pub(super) async fn edges_to(t: &mut MySqlTables<'_>, children: &[JobId]) -> Result<Vec<EdgeRow>> {
    if children.is_empty() {
        return Ok(Vec::new());
    }
    edge_rows(&t.rows_of(&t.sql.edges_to, &ids_json(children)).await?)
}

pub(super) async fn edges_from(
    t: &mut MySqlTables<'_>,
    parent: JobId,
    limit: u32,
) -> Result<Vec<EdgeRow>> {
    let query = t.query(&t.sql.edges_from).bind(parent.as_uuid()).bind(limit);
    edge_rows(&t.rows(query).await?)
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
    let rows = t.rows_of(&t.sql.awaiting, &ids_json(&ids)).await?;
    rows.iter().map(awaiting_row).collect()
}

pub(super) async fn awaiting(t: &mut MySqlTables<'_>, jobs: &[JobId]) -> Result<Vec<AwaitingRow>> {
    t.rows_of(&t.sql.awaiting, &ids_json(jobs)).await?.iter().map(awaiting_row).collect()
}

pub(super) async fn delete_awaiting(t: &mut MySqlTables<'_>, jobs: &[JobId]) -> Result<Vec<JobId>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let mut jobs = jobs.to_vec();
    jobs.sort_unstable();
    let ids = ids_json(&jobs);
    let rows = t.rows_of(&t.sql.lock_awaiting, &ids).await?;
    t.execute_of(&t.sql.delete_awaiting, &ids).await?;
    rows.iter().map(|row| get_id(row, 0)).collect()
}

pub(super) async fn deleted_because_of(
    t: &mut MySqlTables<'_>,
    parents: &[JobId],
) -> Result<Vec<(JobId, JobId)>> {
    let rows = t.rows_of(&t.sql.deleted_because_of, &ids_json(parents)).await?;
    let pair = |row: &MySqlRow| Ok((get_id(row, 0)?, get_id(row, 1)?));
    let mut pairs = rows.iter().map(pair).collect::<Result<Vec<(JobId, JobId)>>>()?;
    pairs.sort_unstable();
    Ok(pairs)
}

pub(super) async fn caused(t: &mut MySqlTables<'_>, jobs: &[JobId]) -> Result<Vec<JobId>> {
    let rows = t.rows_of(&t.sql.caused, &ids_json(jobs)).await?;
    rows.iter().map(|row| get_id(row, 0)).collect()
}
