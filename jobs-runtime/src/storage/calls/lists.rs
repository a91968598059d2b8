//! Lists, counts and figures.

use std::collections::HashMap;
use std::time::Duration;

use crate::job::JobId;
use crate::storage::tables::Tables;
use crate::storage::{
    Counts, Holder, JobFilter, JobPage, LastRun, QueueLoad, QueueRecord, Result, Storage,
    StoredKind, Summary, Throughput, ops,
};

impl Storage {
    pub(crate) async fn counts(&self) -> Result<Counts> {
        within!(self, read, |t| t.counts(None).await?)
    }

    pub(crate) async fn summary(&self) -> Result<Summary> {
        within!(self, read, |t| ops::summary(t).await?)
    }

    pub(crate) async fn search(&self, filter: &JobFilter) -> Result<JobPage> {
        within!(self, read, |t| ops::search(t, filter).await?)
    }

    pub(crate) async fn recent(&self, limit: u32) -> Result<Vec<JobId>> {
        within!(self, read, |t| t.recent(limit).await?)
    }

    pub(crate) async fn lines(&self) -> Result<Vec<String>> {
        within!(self, read, |t| t.lines().await?)
    }

    pub(crate) async fn queues(&self) -> Result<Vec<QueueRecord>> {
        within!(self, read, |t| t.queues().await?)
    }

    pub(crate) async fn queue_loads(&self) -> Result<HashMap<String, QueueLoad>> {
        within!(self, read, |t| ops::loads(t).await?)
    }

    pub(crate) async fn stored_kinds(&self) -> Result<Vec<StoredKind>> {
        within!(self, read, |t| ops::stored_kinds(t).await?)
    }

    pub(crate) async fn ends(&self, age: Duration, step: Duration) -> Result<Vec<Throughput>> {
        within!(self, read, |t| {
            let now = t.now().await?;
            t.ends(chrono::TimeDelta::from_std(age).map_or(now, |age| now - age), step).await?
        })
    }

    pub(crate) async fn throughput(&self, age: Duration) -> Result<Vec<Throughput>> {
        within!(self, read, |t| ops::throughput(t, age).await?)
    }

    pub(crate) async fn latest_successes(&self, limit: u32) -> Result<Vec<LastRun>> {
        within!(self, read, |t| ops::latest_successes(t, limit).await?)
    }

    pub(crate) async fn latest_failures(&self, limit: u32) -> Result<HashMap<String, u64>> {
        within!(self, read, |t| ops::latest_failures(t, limit).await?)
    }

    pub(crate) async fn busy(&self) -> Result<HashMap<i64, u64>> {
        within!(self, read, |t| ops::busy(t).await?)
    }

    pub(crate) async fn holders(&self, leases: &[i64]) -> Result<HashMap<i64, Holder>> {
        within!(self, read, |t| t.holders(leases).await?.into_iter().collect())
    }
}
