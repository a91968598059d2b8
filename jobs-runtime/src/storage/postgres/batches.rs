//! Batches and their members.

use uuid::Uuid;

use super::tables::{CHUNK, PostgresTables};
use super::values::{micros, storable, uuids};
use crate::batch::OnFailure;
use crate::job::{BatchId, JobId};
use crate::storage::batches::{BatchRow, MemberRow};
use crate::storage::tables::Result;

pub(super) async fn insert_batches(t: &mut PostgresTables<'_>, rows: &[BatchRow]) -> Result<()> {
    for rows in rows.chunks(CHUNK) {
        let each = rows.iter();
        let names: Vec<_> = each.clone().map(|row| storable(&row.name)).collect();
        let described: Vec<_> =
            each.clone().map(|row| row.description.as_deref().map(storable)).collect();
        let query = t
            .query(&t.sql.insert_batches)
            .bind(each.clone().map(|row| row.id.as_uuid()).collect::<Vec<Uuid>>())
            .bind(each.clone().map(|row| row.parent.map(Uuid::from)).collect::<Vec<_>>())
            .bind(names.iter().map(AsRef::as_ref).collect::<Vec<&str>>())
            .bind(described.iter().map(|text| text.as_deref()).collect::<Vec<Option<&str>>>())
            .bind(each.clone().map(finishes).collect::<Vec<bool>>())
            .bind(each.clone().map(|row| row.keep.map(micros)).collect::<Vec<Option<i64>>>())
            .bind(each.clone().map(|row| row.opened).collect::<Vec<bool>>())
            .bind(each.clone().map(|row| row.state.code()).collect::<Vec<i16>>())
            .bind(each.clone().map(|row| signed(row.counts.total)).collect::<Vec<i64>>())
            .bind(each.map(|row| signed(row.counts.pending)).collect::<Vec<i64>>());
        query.execute(&mut *t.conn).await?;
    }
    Ok(())
}

fn finishes(row: &BatchRow) -> bool {
    row.on_failure == OnFailure::Finish
}

pub(super) async fn insert_members(t: &mut PostgresTables<'_>, rows: &[MemberRow]) -> Result<()> {
    for rows in rows.chunks(CHUNK) {
        let each = rows.iter();
        let query = t
            .query(&t.sql.insert_members)
            .bind(each.clone().map(|row| row.batch.as_uuid()).collect::<Vec<Uuid>>())
            .bind(each.clone().map(|row| row.position).collect::<Vec<i64>>())
            .bind(uuids(each.clone().map(|row| &row.node)))
            .bind(each.map(|row| row.is_batch).collect::<Vec<bool>>());
        query.execute(&mut *t.conn).await?;
    }
    Ok(())
}

pub(super) async fn batches(t: &mut PostgresTables<'_>, ids: &[BatchId]) -> Result<Vec<BatchRow>> {
    let query = t.query(&t.sql.batches).bind(ascending(ids));
    t.look_up(query).await
}

pub(super) async fn lock_batches(
    t: &mut PostgresTables<'_>,
    ids: &[BatchId],
) -> Result<Vec<BatchRow>> {
    let query = t.query(&t.sql.lock_batches).bind(ascending(ids));
    t.read(query).await
}

/// One by one: a transaction has a few of them.
pub(super) async fn save_batches(t: &mut PostgresTables<'_>, rows: &[BatchRow]) -> Result<()> {
    for row in rows {
        let counts = &row.counts;
        let query = t
            .query(&t.sql.save_batch)
            .bind(row.id.as_uuid())
            .bind(row.opened)
            .bind(row.state.code())
            .bind(signed(counts.total))
            .bind(signed(counts.pending))
            .bind(signed(counts.succeeded))
            .bind(signed(counts.failed))
            .bind(signed(counts.deleted))
            .bind(signed(counts.skipped))
            .bind(row.cause.map(Uuid::from))
            .bind(row.cancelled)
            .bind(row.state.is_settled())
            .bind(row.expires.map(micros));
        query.execute(&mut *t.conn).await?;
    }
    Ok(())
}

pub(super) async fn dropped_batches(
    t: &mut PostgresTables<'_>,
    parents: &[JobId],
) -> Result<Vec<BatchId>> {
    let query = t.query(&t.sql.dropped_batches).bind(uuids(parents));
    t.look_up(query).await
}

pub(super) async fn batch_trees(
    t: &mut PostgresTables<'_>,
    batches: &[BatchId],
) -> Result<Vec<(BatchId, BatchId)>> {
    let query = t.query(&t.sql.batch_trees).bind(ascending(batches));
    t.look_up(query).await
}

pub(super) async fn members(
    t: &mut PostgresTables<'_>,
    batch: BatchId,
    after: i64,
    limit: u32,
) -> Result<Vec<MemberRow>> {
    let query = t.query(&t.sql.members).bind(batch.as_uuid()).bind(after).bind(i64::from(limit));
    t.look_up(query).await
}

pub(super) async fn failed_members(
    t: &mut PostgresTables<'_>,
    batch: BatchId,
    after: i64,
    limit: u32,
) -> Result<Vec<MemberRow>> {
    let query = t.query(&t.sql.failed_members);
    let query = query.bind(batch.as_uuid()).bind(after).bind(i64::from(limit));
    t.look_up(query).await
}

pub(super) async fn awaiting_members(
    t: &mut PostgresTables<'_>,
    batches: &[BatchId],
) -> Result<Vec<(BatchId, u64)>> {
    let query = t.query(&t.sql.awaiting_members).bind(ascending(batches));
    t.look_up(query).await
}

pub(super) async fn batch_outputs(
    t: &mut PostgresTables<'_>,
    batch: BatchId,
) -> Result<Vec<Option<String>>> {
    let query = t.query(&t.sql.batch_outputs).bind(batch.as_uuid());
    t.look_up(query).await
}

pub(super) async fn recent_batches(
    t: &mut PostgresTables<'_>,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<BatchRow>> {
    let query = t.query(&t.sql.recent_batches);
    let query = query.bind(before.unwrap_or(i64::MAX)).bind(i64::from(limit));
    t.look_up(query).await
}

pub(super) async fn cancelled_batches(
    t: &mut PostgresTables<'_>,
    limit: u32,
) -> Result<Vec<BatchId>> {
    let query = t.query(&t.sql.cancelled_batches).bind(i64::from(limit));
    t.read(query).await
}

pub(super) async fn expired_batches(
    t: &mut PostgresTables<'_>,
    limit: u32,
) -> Result<Vec<BatchId>> {
    let query = t.query(&t.sql.expired_batches).bind(i64::from(limit));
    t.read(query).await
}

pub(super) async fn take_members(
    t: &mut PostgresTables<'_>,
    batch: BatchId,
    limit: u32,
) -> Result<Vec<MemberRow>> {
    let query = t.query(&t.sql.take_members).bind(batch.as_uuid()).bind(i64::from(limit));
    t.read(query).await
}

pub(super) async fn delete_batches(t: &mut PostgresTables<'_>, ids: &[BatchId]) -> Result<()> {
    t.query(&t.sql.delete_batches).bind(ascending(ids)).execute(&mut *t.conn).await?;
    Ok(())
}

/// The order in which rows are locked.
fn ascending(ids: &[BatchId]) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = ids.iter().map(|id| id.as_uuid()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
