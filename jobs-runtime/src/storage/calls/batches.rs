//! Batches.

use crate::batch::BatchRecord;
use crate::job::BatchId;
use crate::storage::tables::Tables;
use crate::storage::{BatchMember, Effects, Result, Retention, Storage, Stride, ops};

impl Storage {
    /// As [`ops::close`].
    pub(crate) async fn close_batch(&self, batch: BatchId) -> Result<Option<Vec<BatchId>>> {
        within!(self, begin, |t| ops::close(t, batch).await?)
    }

    /// As [`ops::cancel_some`].
    pub(crate) async fn cancel_some(
        &self,
        batch: BatchId,
        after: i64,
        retention: &Retention,
        effects: &mut Effects,
    ) -> Result<Stride> {
        within!(self, begin, |t, effects| {
            ops::cancel_some(t, batch, after, retention, effects).await?
        })
    }

    /// As [`ops::requeue_failed_some`].
    pub(crate) async fn requeue_failed_some(
        &self,
        batch: BatchId,
        after: i64,
        retention: &Retention,
        effects: &mut Effects,
    ) -> Result<Stride> {
        within!(self, begin, |t, effects| {
            ops::requeue_failed_some(t, batch, after, retention, effects).await?
        })
    }

    pub(crate) async fn batch(&self, batch: BatchId) -> Result<Option<BatchRecord>> {
        within!(self, read, |t| {
            let rows = t.batches(&[batch]).await?;
            ops::records(t, rows).await?.pop()
        })
    }

    pub(crate) async fn batch_tree(&self, batch: BatchId) -> Result<Vec<BatchId>> {
        within!(self, read, |t| ops::tree(t, batch).await?)
    }

    pub(crate) async fn batch_outputs(&self, batch: BatchId) -> Result<Vec<Option<String>>> {
        within!(self, read, |t| t.batch_outputs(batch).await?)
    }

    pub(crate) async fn recent_batches(
        &self,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<BatchRecord>> {
        within!(self, read, |t| {
            let rows = t.recent_batches(before, limit).await?;
            ops::records(t, rows).await?
        })
    }

    /// Batches that were cancelled and have not come to their end.
    pub(crate) async fn cancelled_batches(&self, limit: u32) -> Result<Vec<BatchId>> {
        within!(self, read, |t| t.cancelled_batches(limit).await?)
    }

    pub(crate) async fn members(
        &self,
        batch: BatchId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<BatchMember>> {
        within!(self, read, |t| ops::members(t, batch, after, limit).await?)
    }
}
