//! Batches and their members.

use super::tables::MySqlTables;
use super::values::{ids_json, json, micros};
use super::{batch, seqs};
use crate::batch::OnFailure;
use crate::job::{BatchId, JobId};
use crate::storage::batches::{BatchRow, MemberRow};
use crate::storage::tables::Result;

pub(super) async fn insert_batches(t: &mut MySqlTables<'_>, rows: &[BatchRow]) -> Result<()> {
    let mut seqs = seqs::next(t, rows.len()).await?;
    let size = |row: &BatchRow| row.name.len() + row.description.as_ref().map_or(0, String::len);
    batch::insert_large(t, &t.shared.batches.batches, rows, size, |values, row| {
        values.add(row.id.as_uuid()).add(row.parent.map(BatchId::as_uuid)).add(seqs.next());
        values.add(row.name.as_str()).add(row.description.as_deref());
        values.add(row.on_failure == OnFailure::Finish).add(row.keep.map(micros));
        values.add(row.opened).add(row.state.code());
        values.add(signed(row.counts.total)).add(signed(row.counts.pending));
    })
    .await
}

pub(super) async fn insert_members(t: &mut MySqlTables<'_>, rows: &[MemberRow]) -> Result<()> {
    batch::insert(t, &t.shared.batches.members, rows, |values, row| {
        values.add(row.batch.as_uuid()).add(row.position).add(row.node.as_uuid()).add(row.is_batch);
    })
    .await
}

pub(super) async fn batches(t: &mut MySqlTables<'_>, ids: &[BatchId]) -> Result<Vec<BatchRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    t.read_of(&t.sql.batches, &ascending(ids)).await
}

pub(super) async fn lock_batches(
    t: &mut MySqlTables<'_>,
    ids: &[BatchId],
) -> Result<Vec<BatchRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    t.read_of(&t.sql.lock_batches, &ascending(ids)).await
}

/// One by one: a transaction has a few of them.
pub(super) async fn save_batches(t: &mut MySqlTables<'_>, rows: &[BatchRow]) -> Result<()> {
    for row in rows {
        let counts = &row.counts;
        let save = t
            .query(&t.sql.save_batch)
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
            .bind(row.expires.map(micros))
            .bind(row.id.as_uuid());
        t.execute(save).await?;
    }
    Ok(())
}

pub(super) async fn dropped_batches(
    t: &mut MySqlTables<'_>,
    parents: &[JobId],
) -> Result<Vec<BatchId>> {
    t.read_of(&t.sql.dropped_batches, &ids_json(parents)).await
}

pub(super) async fn batch_trees(
    t: &mut MySqlTables<'_>,
    ids: &[BatchId],
) -> Result<Vec<(BatchId, BatchId)>> {
    t.read_of(&t.sql.batch_trees, &ascending(ids)).await
}

pub(super) async fn members(
    t: &mut MySqlTables<'_>,
    batch: BatchId,
    after: i64,
    limit: u32,
) -> Result<Vec<MemberRow>> {
    let query = t.query(&t.sql.members).bind(batch.as_uuid()).bind(after).bind(limit);
    t.read(query).await
}

pub(super) async fn failed_members(
    t: &mut MySqlTables<'_>,
    batch: BatchId,
    after: i64,
    limit: u32,
) -> Result<Vec<MemberRow>> {
    let query = t.query(&t.sql.failed_members).bind(batch.as_uuid()).bind(after).bind(limit);
    t.read(query).await
}

pub(super) async fn awaiting_members(
    t: &mut MySqlTables<'_>,
    ids: &[BatchId],
) -> Result<Vec<(BatchId, u64)>> {
    t.read_of(&t.sql.awaiting_members, &ascending(ids)).await
}

pub(super) async fn batch_outputs(
    t: &mut MySqlTables<'_>,
    batch: BatchId,
) -> Result<Vec<Option<String>>> {
    let query = t.query(&t.sql.batch_outputs).bind(batch.as_uuid());
    t.read(query).await
}

pub(super) async fn recent_batches(
    t: &mut MySqlTables<'_>,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<BatchRow>> {
    let query = t.query(&t.sql.recent_batches).bind(before.unwrap_or(i64::MAX)).bind(limit);
    t.read(query).await
}

pub(super) async fn cancelled_batches(t: &mut MySqlTables<'_>, limit: u32) -> Result<Vec<BatchId>> {
    let query = t.query(&t.sql.cancelled_batches).bind(limit);
    t.read(query).await
}

pub(super) async fn expired_batches(t: &mut MySqlTables<'_>, limit: u32) -> Result<Vec<BatchId>> {
    let query = t.query(&t.sql.expired_batches).bind(limit);
    t.read(query).await
}

pub(super) async fn take_members(
    t: &mut MySqlTables<'_>,
    batch: BatchId,
    limit: u32,
) -> Result<Vec<MemberRow>> {
    let query = t.query(&t.sql.lock_members).bind(batch.as_uuid()).bind(limit);
    let members: Vec<MemberRow> = t.read(query).await?;
    let positions: Vec<i64> = members.iter().map(|member| member.position).collect();
    let delete = t.query(&t.sql.delete_members).bind(json(&positions)).bind(batch.as_uuid());
    t.execute(delete).await?;
    Ok(members)
}

pub(super) async fn delete_batches(t: &mut MySqlTables<'_>, ids: &[BatchId]) -> Result<()> {
    if !ids.is_empty() {
        let ids = ascending(ids);
        t.execute_of(&t.sql.delete_batch_finished, &ids).await?;
        t.execute_of(&t.sql.delete_batches, &ids).await?;
    }
    Ok(())
}

/// A list in the order in which rows are locked.
fn ascending(ids: &[BatchId]) -> String {
    let mut ids: Vec<JobId> = ids.iter().map(|batch| batch.node()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids_json(&ids)
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
