//! What people look at: queues, kinds, throughput, what hangs together.

use std::collections::HashMap;
use std::time::Duration;

use super::Client;
use crate::error::Error;
use crate::job::{BatchId, JobFailure, JobId, State};
use crate::storage::{
    BatchMember, EdgeRecord, EventRecord, Holder, JobRecord, KindRecord, LastRun, LogLine,
    QueueLoad, QueueRecord, RunRecord, StepRecord, StoredKind, Summary, Throughput,
};

impl Client {
    /// The queues that have waiting jobs or are paused, by name.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn queues(&self) -> Result<Vec<QueueRecord>, Error> {
        Ok(self.storage().queues().await?)
    }

    /// How many jobs are in each state, and the queues, at the price of little more than the
    /// counts: the waiting jobs are counted once.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn summary(&self) -> Result<Summary, Error> {
        Ok(self.storage().summary().await?)
    }

    /// The names of the queues in which jobs wait: quick, however many wait.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn waiting_queues(&self) -> Result<Vec<String>, Error> {
        Ok(self.storage().lines().await?)
    }

    /// How much goes on in each queue of which jobs run or have run in the last minute, by its
    /// name.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn queue_loads(&self) -> Result<HashMap<String, QueueLoad>, Error> {
        Ok(self.storage().queue_loads().await?)
    }

    /// The kinds that servers have announced, by name.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn kinds(&self) -> Result<Vec<KindRecord>, Error> {
        Ok(self.storage().kinds().await?.into_iter().map(KindRecord::from).collect())
    }

    /// The kinds of the jobs that wait or have failed, by name and state. Looked at are the heads of
    /// the lines, where those stand that no server takes, some 10,000 jobs in all and 100 or more
    /// of each line; the 1,000 jobs that are due next; and the latest 1,000 that await or have
    /// failed.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn stored_kinds(&self) -> Result<Vec<StoredKind>, Error> {
        Ok(self.storage().stored_kinds().await?)
    }

    /// How many runs have ended in each span of this length, of the time since then; spans in
    /// which none did are left out. For minutes: what is older is told by
    /// [`past_throughput`](Self::past_throughput) at a lower price.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn throughput(
        &self,
        age: Duration,
        span: Duration,
    ) -> Result<Vec<Throughput>, Error> {
        Ok(self.storage().ends(age, span).await?)
    }

    /// How many runs have ended in each ten minutes of the time since then, up to seven days ago,
    /// but for those in which none did. Servers count what has passed.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn past_throughput(&self, age: Duration) -> Result<Vec<Throughput>, Error> {
        Ok(self.storage().throughput(age).await?)
    }

    /// The last runs of up to `limit` jobs that succeeded lately.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn latest_successes(&self, limit: u32) -> Result<Vec<LastRun>, Error> {
        Ok(self.storage().latest_successes(limit).await?)
    }

    /// How many of the latest `limit` runs that failed were of which kind.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn latest_failures(&self, limit: u32) -> Result<HashMap<String, u64>, Error> {
        Ok(self.storage().latest_failures(limit).await?)
    }

    /// The last runs of these jobs, of those that have had one.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn last_runs(&self, jobs: &[JobId]) -> Result<Vec<LastRun>, Error> {
        Ok(self.storage().last_runs(jobs).await?)
    }

    /// Why these jobs last failed, those that have had a run that did, whatever came of it.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn last_failures(&self, jobs: &[JobId]) -> Result<HashMap<JobId, JobFailure>, Error> {
        Ok(self.storage().last_failures(jobs).await?)
    }

    /// The states of these jobs, as far as they are stored.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn states(&self, jobs: &[JobId]) -> Result<HashMap<JobId, State>, Error> {
        let placed = self.storage().look(jobs).await?;
        Ok(placed.into_iter().map(|placed| (placed.job, placed.placement.state)).collect())
    }

    /// Who has these jobs in hand, as far as they were Processing when they were read and still
    /// are.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn holders<'j>(
        &self,
        jobs: impl IntoIterator<Item = &'j JobRecord>,
    ) -> Result<HashMap<JobId, Holder>, Error> {
        let running = jobs.into_iter().filter(|job| job.placement.state == State::Processing);
        let leases: Vec<(JobId, i64)> =
            running.map(|job| (job.id, job.placement.version)).collect();
        if leases.is_empty() {
            return Ok(HashMap::new());
        }
        let mut ids: Vec<i64> = leases.iter().map(|(_, lease)| *lease).collect();
        ids.sort_unstable();
        ids.dedup();
        let holders = self.storage().holders(&ids).await?;
        let held = |(job, lease): (JobId, i64)| Some((job, *holders.get(&lease)?));
        Ok(leases.into_iter().filter_map(held).collect())
    }

    /// How many jobs each server has taken and not ended, by the id of the server.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn busy(&self) -> Result<HashMap<i64, u64>, Error> {
        Ok(self.storage().busy().await?)
    }

    /// Up to `limit` members of a batch, in the order in which they were added; with `after`,
    /// those behind this [position](BatchMember::position).
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn batch_members(
        &self,
        batch: BatchId,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Vec<BatchMember>, Error> {
        Ok(self.storage().members(batch, after.unwrap_or(-1), limit).await?)
    }

    /// What these jobs and batches wait for, or have waited for.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn edges_to(&self, nodes: &[JobId]) -> Result<Vec<EdgeRecord>, Error> {
        let rows = self.storage().edges_to(nodes).await?;
        Ok(rows.into_iter().map(EdgeRecord::from).collect())
    }

    /// Up to `limit` of those that wait for this job or batch, or have waited for it.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn edges_from(&self, node: JobId, limit: u32) -> Result<Vec<EdgeRecord>, Error> {
        let rows = self.storage().edges_from(node, limit).await?;
        Ok(rows.into_iter().map(EdgeRecord::from).collect())
    }

    /// The finished runs of a job, in their order.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn runs(&self, job: JobId) -> Result<Vec<RunRecord>, Error> {
        Ok(self.storage().runs(job).await?)
    }

    /// What happened to a job beside its runs, in that order.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn events(&self, job: JobId) -> Result<Vec<EventRecord>, Error> {
        Ok(self.storage().events(job).await?)
    }

    /// Up to `limit` of the latest lines that a job has logged, in their order; with `after`,
    /// those behind the line with this [key](LogLine::key).
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn log_lines(
        &self,
        job: JobId,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Vec<LogLine>, Error> {
        Ok(self.storage().log_lines(job, after.unwrap_or(0), limit).await?)
    }

    /// How many lines a job has logged, of those that are stored.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn log_length(&self, job: JobId) -> Result<u64, Error> {
        Ok(self.storage().log_length(job).await?)
    }

    /// The steps that a job has done, in their order.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn steps(&self, job: JobId) -> Result<Vec<StepRecord>, Error> {
        Ok(self.storage().steps(job).await?)
    }

    /// The unique key that a job holds.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn unique_key(&self, job: JobId) -> Result<Option<String>, Error> {
        Ok(self.storage().unique_key(job).await?)
    }
}
