//! Storing, looking at and steering batches.

use super::{Client, JobHandle};
use crate::batch::{BatchHandle, BatchRecord};
use crate::error::{Error, StorageError};
use crate::job::{BatchId, Job};
use crate::request::JobRequest;
use crate::storage::{Effects, Graph, NewJob, Stored, StoredGraph, Stride};

impl Client {
    pub(crate) async fn store_graph(&self, graph: &Graph) -> Result<StoredGraph, Error> {
        let mut effects = Effects::default();
        let stored = self.storage().store_graph(graph, self.retention(), &mut effects).await?;
        self.tell(effects);
        Ok(stored)
    }

    pub(crate) async fn join_batch<J: Job>(
        &self,
        batch: BatchId,
        requests: impl IntoIterator<Item = JobRequest<J>>,
    ) -> Result<Vec<JobHandle<J::Output>>, Error> {
        let member = |request: JobRequest<J>| request.into_member(self.limits(), Some(batch));
        let jobs: Vec<NewJob> = requests.into_iter().map(member).collect::<Result<_, Error>>()?;
        let mut effects = Effects::default();
        let storage = self.storage();
        let stored = storage.join_batch(batch, &jobs, self.retention(), &mut effects).await?;
        self.tell(effects);
        let handle = |job: &NewJob| {
            let held = stored.left_out.iter().find(|(left_out, _)| *left_out == job.id);
            let stored = match held {
                Some((_, holder)) => Stored::Held(*holder),
                None => Stored::New(job.id),
            };
            JobHandle::new(stored, self.clone())
        };
        Ok(jobs.iter().map(handle).collect())
    }

    /// A handle to a stored batch whose jobs return a `T` each; [`Mixed`](crate::Mixed) for a
    /// workflow, and where that is of no interest.
    #[must_use]
    pub fn batch_handle<T>(&self, id: BatchId) -> BatchHandle<T> {
        BatchHandle::new(id, Vec::new(), self.clone())
    }

    /// The batch or workflow with this id, as it is stored.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn batch(&self, id: BatchId) -> Result<Option<BatchRecord>, Error> {
        Ok(self.storage().batch(id).await?)
    }

    /// Up to `limit` batches and workflows, newest first, without those inside others; with
    /// `before`, those that were stored before the one with this [`seq`](BatchRecord::seq).
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn batches(
        &self,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<BatchRecord>, Error> {
        Ok(self.storage().recent_batches(before, limit).await?)
    }

    /// As [`BatchHandle::cancel`].
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn cancel_batch(&self, id: BatchId) -> Result<u64, Error> {
        match self.storage().close_batch(id).await? {
            Some(tree) => Ok(self.cancel_all(tree).await?),
            None => Ok(0),
        }
    }

    /// Deletes the jobs of a batch that is marked as cancelled.
    pub(crate) async fn cancel_members(&self, id: BatchId) -> Result<u64, StorageError> {
        self.cancel_all(vec![id]).await
    }

    async fn cancel_all(&self, tree: Vec<BatchId>) -> Result<u64, StorageError> {
        let mut jobs = 0;
        // From the innermost, so that none of them ends before what is in it.
        for batch in tree.into_iter().rev() {
            let mut next = Some(Stride::START);
            while let Some(after) = next {
                let mut effects = Effects::default();
                let storage = self.storage();
                let stride =
                    storage.cancel_some(batch, after, self.retention(), &mut effects).await?;
                self.tell(effects);
                jobs += stride.jobs;
                next = stride.next;
            }
        }
        Ok(jobs)
    }

    /// As [`BatchHandle::requeue_failed`].
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn requeue_failed(&self, id: BatchId) -> Result<u64, Error> {
        let mut jobs = 0;
        for batch in self.storage().batch_tree(id).await? {
            let mut next = Some(Stride::START);
            while let Some(after) = next {
                let mut effects = Effects::default();
                let storage = self.storage();
                let retention = self.retention();
                let stride =
                    storage.requeue_failed_some(batch, after, retention, &mut effects).await?;
                self.tell(effects);
                jobs += stride.jobs;
                next = stride.next;
            }
        }
        Ok(jobs)
    }
}
