//! Batches and their members.

use super::batch;
use super::tables::SqliteTables;
use super::values::{after as later, ids_json, micros};
use crate::batch::OnFailure;
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
    t.read_of(&t.storage.statements.batches, ids_json(&nodes(ids))).await
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
    t.read_of(&t.storage.statements.dropped_batches, ids_json(parents)).await
}

pub(super) async fn batch_trees(
    t: &mut SqliteTables<'_>,
    ids: &[BatchId],
) -> Result<Vec<(BatchId, BatchId)>> {
    t.read_of(&t.storage.statements.batch_trees, ids_json(&nodes(ids))).await
}

pub(super) async fn members(
    t: &mut SqliteTables<'_>,
    batch: BatchId,
    after: i64,
    limit: u32,
) -> Result<Vec<MemberRow>> {
    let members = sqlx::query(t.storage.statements.members.clone());
    t.read(members.bind(batch.as_uuid()).bind(after).bind(limit)).await
}

pub(super) async fn failed_members(
    t: &mut SqliteTables<'_>,
    batch: BatchId,
    after: i64,
    limit: u32,
) -> Result<Vec<MemberRow>> {
    let members = sqlx::query(t.storage.statements.failed_members.clone());
    t.read(members.bind(batch.as_uuid()).bind(after).bind(limit)).await
}

pub(super) async fn awaiting_members(
    t: &mut SqliteTables<'_>,
    ids: &[BatchId],
) -> Result<Vec<(BatchId, u64)>> {
    t.read_of(&t.storage.statements.awaiting_members, ids_json(&nodes(ids))).await
}

pub(super) async fn batch_outputs(
    t: &mut SqliteTables<'_>,
    batch: BatchId,
) -> Result<Vec<Option<String>>> {
    let sql = t.storage.statements.batch_outputs.clone();
    t.read(sqlx::query(sql).bind(batch.as_uuid())).await
}

pub(super) async fn recent_batches(
    t: &mut SqliteTables<'_>,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<BatchRow>> {
    let recent = sqlx::query(t.storage.statements.recent_batches.clone());
    t.read(recent.bind(before.unwrap_or(i64::MAX)).bind(limit)).await
}

pub(super) async fn cancelled_batches(
    t: &mut SqliteTables<'_>,
    limit: u32,
) -> Result<Vec<BatchId>> {
    let sql = t.storage.statements.cancelled_batches.clone();
    t.read(sqlx::query(sql).bind(limit)).await
}

pub(super) async fn expired_batches(t: &mut SqliteTables<'_>, limit: u32) -> Result<Vec<BatchId>> {
    let sql = t.storage.statements.expired_batches.clone();
    t.read(sqlx::query(sql).bind(t.clock()).bind(limit)).await
}

pub(super) async fn take_members(
    t: &mut SqliteTables<'_>,
    batch: BatchId,
    limit: u32,
) -> Result<Vec<MemberRow>> {
    let take = sqlx::query(t.storage.statements.take_members.clone());
    t.read(take.bind(batch.as_uuid()).bind(limit)).await
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

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
