//! Batches and their members.

use sqlx::sqlite::SqliteRow;

use super::batch;
use super::tables::SqliteTables;
use super::values::{
    after as later, damaged, duration, get, get_id, get_instant, get_optional_id,
    get_optional_instant, ids_json, micros,
};
use crate::batch::{BatchCounts, BatchState, OnFailure};
use crate::job::{BatchId, JobId};
use crate::storage::batches::{BatchRow, MemberRow};
use crate::storage::tables::Result;

pub(super) async fn insert_batches(t: &mut SqliteTables<'_>, rows: &[BatchRow]) -> Result<()> {
    let mut seq = t.next_seqs(rows.len()).await?..;
    let now = t.clock();
    let storage = t.storage;
    batch::insert(t, &storage.batches.batches, rows, |values, row| {
        values.add(row.id.as_uuid()).add(row.parent.map(BatchId::as_uuid)).add(seq.next());
        values.add(row.name.as_str()).add(row.description.as_deref());
        values.add(row.on_failure == OnFailure::Finish).add(row.keep.map(micros));
        values.add(row.opened).add(row.state.code());
        values.add(signed(row.counts.total)).add(signed(row.counts.pending)).add(now);
    })
    .await
}

pub(super) async fn insert_members(t: &mut SqliteTables<'_>, rows: &[MemberRow]) -> Result<()> {
    let storage = t.storage;
    batch::insert(t, &storage.batches.members, rows, |values, row| {
        values.add(row.batch.as_uuid()).add(row.position).add(row.node.as_uuid()).add(row.is_batch);
    })
    .await
}

pub(super) async fn batches(t: &mut SqliteTables<'_>, ids: &[BatchId]) -> Result<Vec<BatchRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = t.rows_of(&t.storage.statements.batches, ids_json(&nodes(ids))).await?;
    rows.iter().map(batch_row).collect()
}

/// Nothing to lock: whoever writes has the lock of the whole database.
pub(super) async fn lock_batches(
    t: &mut SqliteTables<'_>,
    ids: &[BatchId],
) -> Result<Vec<BatchRow>> {
    batches(t, ids).await
}

pub(super) async fn save_batches(t: &mut SqliteTables<'_>, rows: &[BatchRow]) -> Result<()> {
    let now = t.clock();
    for row in rows {
        let counts = &row.counts;
        let save = sqlx::query(t.storage.statements.save_batch.clone())
            .bind(row.id.as_uuid())
            .bind(row.opened)
            .bind(row.state.code())
            .bind(signed(counts.total))
            .bind(signed(counts.pending))
            .bind(signed(counts.succeeded))
            .bind(signed(counts.failed))
            .bind(signed(counts.deleted))
            .bind(signed(counts.skipped))
            .bind(row.cause.map(JobId::as_uuid))
            .bind(row.cancelled)
            .bind(row.state.is_settled())
            .bind(now)
            .bind(row.expires.map(|expires| later(now, expires)));
        t.execute(save).await?;
    }
    Ok(())
}

pub(super) async fn dropped_batches(
    t: &mut SqliteTables<'_>,
    parents: &[JobId],
) -> Result<Vec<BatchId>> {
    ids(&t.rows_of(&t.storage.statements.dropped_batches, ids_json(parents)).await?)
}

pub(super) async fn batch_trees(
    t: &mut SqliteTables<'_>,
    ids: &[BatchId],
) -> Result<Vec<(BatchId, BatchId)>> {
    let rows = t.rows_of(&t.storage.statements.batch_trees, ids_json(&nodes(ids))).await?;
    rows.iter().map(|row| Ok((get_batch(row, 0)?, get_batch(row, 1)?))).collect()
}

pub(super) async fn members(
    t: &mut SqliteTables<'_>,
    batch: BatchId,
    after: i64,
    limit: u32,
) -> Result<Vec<MemberRow>> {
    let members = sqlx::query(t.storage.statements.members.clone());
    let rows = t.rows(members.bind(batch.as_uuid()).bind(after).bind(limit)).await?;
    rows.iter().map(|row| member_row(batch, row)).collect()
}

pub(super) async fn failed_members(
    t: &mut SqliteTables<'_>,
    batch: BatchId,
    after: i64,
    limit: u32,
) -> Result<Vec<MemberRow>> {
    let members = sqlx::query(t.storage.statements.failed_members.clone());
    let rows = t.rows(members.bind(batch.as_uuid()).bind(after).bind(limit)).await?;
    rows.iter().map(|row| member_row(batch, row)).collect()
}

pub(super) async fn awaiting_members(
    t: &mut SqliteTables<'_>,
    ids: &[BatchId],
) -> Result<Vec<(BatchId, u64)>> {
    let rows = t.rows_of(&t.storage.statements.awaiting_members, ids_json(&nodes(ids))).await?;
    let count = |row| Ok((get_batch(row, 0)?, get::<_, i64>(row, 1)?.cast_unsigned()));
    rows.iter().map(count).collect()
}

pub(super) async fn batch_outputs(
    t: &mut SqliteTables<'_>,
    batch: BatchId,
) -> Result<Vec<Option<String>>> {
    let sql = t.storage.statements.batch_outputs.clone();
    let rows = t.rows(sqlx::query(sql).bind(batch.as_uuid())).await?;
    rows.iter().map(|row| get(row, 0)).collect()
}

pub(super) async fn recent_batches(
    t: &mut SqliteTables<'_>,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<BatchRow>> {
    let recent = sqlx::query(t.storage.statements.recent_batches.clone());
    let rows = t.rows(recent.bind(before.unwrap_or(i64::MAX)).bind(limit)).await?;
    rows.iter().map(batch_row).collect()
}

pub(super) async fn cancelled_batches(
    t: &mut SqliteTables<'_>,
    limit: u32,
) -> Result<Vec<BatchId>> {
    let sql = t.storage.statements.cancelled_batches.clone();
    ids(&t.rows(sqlx::query(sql).bind(limit)).await?)
}

pub(super) async fn expired_batches(t: &mut SqliteTables<'_>, limit: u32) -> Result<Vec<BatchId>> {
    let sql = t.storage.statements.expired_batches.clone();
    ids(&t.rows(sqlx::query(sql).bind(t.clock()).bind(limit)).await?)
}

pub(super) async fn take_members(
    t: &mut SqliteTables<'_>,
    batch: BatchId,
    limit: u32,
) -> Result<Vec<MemberRow>> {
    let take = sqlx::query(t.storage.statements.take_members.clone());
    let rows = t.rows(take.bind(batch.as_uuid()).bind(limit)).await?;
    rows.iter().map(|row| member_row(batch, row)).collect()
}

pub(super) async fn delete_batches(t: &mut SqliteTables<'_>, ids: &[BatchId]) -> Result<()> {
    let statements = &t.storage.statements;
    let ids = ids_json(&nodes(ids));
    for delete in [&statements.delete_batch_finished, &statements.delete_batches] {
        t.execute(sqlx::query(delete.clone()).bind(ids.as_str())).await?;
    }
    Ok(())
}

fn nodes(ids: &[BatchId]) -> Vec<JobId> {
    ids.iter().map(|batch| batch.node()).collect()
}

fn ids(rows: &[SqliteRow]) -> Result<Vec<BatchId>> {
    rows.iter().map(|row| get_batch(row, 0)).collect()
}

fn get_batch(row: &SqliteRow, index: usize) -> Result<BatchId> {
    get_id(row, index).map(BatchId::of)
}

fn member_row(batch: BatchId, row: &SqliteRow) -> Result<MemberRow> {
    let (position, node, is_batch) = (get(row, 0)?, get_id(row, 1)?, get(row, 2)?);
    Ok(MemberRow { batch, position, node, is_batch })
}

fn batch_row(row: &SqliteRow) -> Result<BatchRow> {
    let code = get(row, 7)?;
    let count = |index| get::<_, i64>(row, index).map(i64::cast_unsigned);
    Ok(BatchRow {
        id: get_batch(row, 0)?,
        parent: get_optional_id(row, 1)?.map(BatchId::of),
        name: get(row, 2)?,
        description: get(row, 3)?,
        on_failure: if get(row, 4)? { OnFailure::Finish } else { OnFailure::Hold },
        keep: get::<_, Option<i64>>(row, 5)?.map(duration),
        opened: get(row, 6)?,
        state: BatchState::from_code(code).ok_or_else(|| damaged("state of a batch", code))?,
        counts: BatchCounts {
            total: count(8)?,
            pending: count(9)?,
            succeeded: count(10)?,
            failed: count(11)?,
            deleted: count(12)?,
            skipped: count(13)?,
        },
        cause: get_optional_id(row, 14)?,
        cancelled: get(row, 15)?,
        expires: None,
        seq: get(row, 16)?,
        created_at: get_instant(row, 17)?,
        ended_at: get_optional_instant(row, 18)?,
        expires_at: get_optional_instant(row, 19)?,
    })
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
