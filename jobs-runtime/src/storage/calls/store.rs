//! Storing jobs, alone, many at once, and as graphs.

use crate::error::Error;
use crate::job::BatchId;
use crate::storage::{
    Claimed, Effects, Graph, LeaseParams, NewJob, Result, Retention, Storage, Stored, StoredGraph,
    Transaction, ops,
};

impl Storage {
    /// Stores jobs in one transaction, each or its error by itself.
    pub(crate) async fn enqueue(
        &self,
        jobs: &[NewJob],
        retention: &Retention,
        effects: &mut Effects,
    ) -> Result<Vec<std::result::Result<Stored, Error>>> {
        let plain = jobs.iter().all(|job| job.is_plain() && job.tags.is_empty());
        match plain && self.ready_alone() {
            true => {
                within!(self, alone, |t, effects| ops::enqueue(t, jobs, retention, effects).await?)
            }
            false => {
                within!(self, begin, |t, effects| ops::enqueue(t, jobs, retention, effects).await?)
            }
        }
    }

    /// Stores jobs in one transaction, leased to a server at once if nothing waits before them.
    pub(crate) async fn enqueue_leased(
        &self,
        jobs: &[NewJob],
        params: &LeaseParams<'_>,
        effects: &mut Effects,
    ) -> Result<Vec<Claimed>> {
        let untagged = jobs.iter().all(|job| job.tags.is_empty());
        match untagged && self.ready_alone() {
            true => {
                within!(self, alone, |t, effects| ops::enqueue_leased(t, jobs, params, effects)
                    .await?)
            }
            false => {
                within!(self, begin, |t, effects| ops::enqueue_leased(t, jobs, params, effects)
                    .await?)
            }
        }
    }

    /// Stores jobs in one transaction, all or none.
    pub(crate) async fn enqueue_all(
        &self,
        jobs: &[NewJob],
        retention: &Retention,
        effects: &mut Effects,
    ) -> std::result::Result<Vec<Stored>, Error> {
        within!(self, begin, |t, effects| {
            let answers = ops::enqueue(t, jobs, retention, effects).await?;
            answers.into_iter().collect::<std::result::Result<Vec<_>, _>>()?
        })
    }

    /// Stores a job in the caller's own transaction.
    pub(crate) async fn enqueue_in(
        &self,
        transaction: Transaction<'_>,
        job: NewJob,
        retention: &Retention,
    ) -> std::result::Result<Stored, Error> {
        let mut effects = Effects::default();
        let mut answers = joined!(self, transaction, |t| {
            ops::enqueue(t, &[job], retention, &mut effects).await?
        });
        #[cfg(feature = "metrics")]
        effects.stored.count();
        answers.pop().unwrap_or(Err(Error::NoClient))
    }

    /// Stores a graph in one transaction, all of it or nothing.
    pub(crate) async fn store_graph(
        &self,
        graph: &Graph,
        retention: &Retention,
        effects: &mut Effects,
    ) -> std::result::Result<StoredGraph, Error> {
        within!(self, begin, |t, effects| {
            ops::store_graph(t, graph.clone(), retention, effects).await??
        })
    }

    /// Stores a graph in the caller's own transaction.
    pub(crate) async fn store_graph_in(
        &self,
        transaction: Transaction<'_>,
        graph: Graph,
        retention: &Retention,
    ) -> std::result::Result<StoredGraph, Error> {
        let mut effects = Effects::default();
        let stored = joined!(self, transaction, |t| {
            ops::store_graph(t, graph, retention, &mut effects).await?
        });
        #[cfg(feature = "metrics")]
        effects.stored.count();
        stored
    }

    /// Adds jobs to an open batch in one transaction, all or none.
    pub(crate) async fn join_batch(
        &self,
        batch: BatchId,
        jobs: &[NewJob],
        retention: &Retention,
        effects: &mut Effects,
    ) -> std::result::Result<StoredGraph, Error> {
        within!(self, begin, |t, effects| {
            ops::join(t, batch, jobs.to_vec(), retention, effects).await??
        })
    }
}
