//! What is known of single jobs.

use std::collections::HashMap;

use crate::job::{JobFailure, JobId};
use crate::protect;
use crate::storage::tables::Tables;
use crate::storage::{
    EdgeRow, EventRecord, JobRecord, LastRun, LogLine, MOST_LOG_LINES, Placed, Result, RunRecord,
    StepRecord, Storage,
};

impl Storage {
    pub(crate) async fn record(&self, job: JobId) -> Result<Option<JobRecord>> {
        let record: Result<_> = within!(self, read, |t| t.records(&[job]).await?.pop());
        Ok(record?.map(JobRecord::shown))
    }

    /// A record with all of its arguments, which is not to be shown.
    pub(crate) async fn unredacted(&self, job: JobId) -> Result<Option<JobRecord>> {
        within!(self, read, |t| t.records(&[job]).await?.pop())
    }

    pub(crate) async fn runs(&self, job: JobId) -> Result<Vec<RunRecord>> {
        let runs: Result<Vec<RunRecord>> = within!(self, read, |t| t.runs(job).await?);
        let shown =
            |run: RunRecord| RunRecord { output: run.output.map(protect::shown_output), ..run };
        Ok(runs?.into_iter().map(shown).collect())
    }

    pub(crate) async fn last_runs(&self, jobs: &[JobId]) -> Result<Vec<LastRun>> {
        within!(self, read, |t| t.last_runs(jobs).await?)
    }

    pub(crate) async fn last_failures(&self, jobs: &[JobId]) -> Result<HashMap<JobId, JobFailure>> {
        within!(self, read, |t| t.last_failures(jobs).await?.into_iter().collect())
    }

    pub(crate) async fn events(&self, job: JobId) -> Result<Vec<EventRecord>> {
        within!(self, read, |t| t.events(job).await?)
    }

    pub(crate) async fn log_lines(
        &self,
        job: JobId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<LogLine>> {
        within!(self, read, |t| t.log_lines(job, after, limit).await?)
    }

    /// How many lines of log there are of a job.
    pub(crate) async fn log_length(&self, job: JobId) -> Result<u64> {
        within!(self, read, |t| {
            let counts = t.count_log(&[job], MOST_LOG_LINES).await?;
            counts.first().map_or(0, |(_, lines)| lines.cast_unsigned())
        })
    }

    pub(crate) async fn steps(&self, job: JobId) -> Result<Vec<StepRecord>> {
        let steps: Result<Vec<StepRecord>> = within!(self, read, |t| t.steps(job).await?);
        let shown =
            |step: StepRecord| StepRecord { output: protect::shown_output(step.output), ..step };
        Ok(steps?.into_iter().map(shown).collect())
    }

    pub(crate) async fn unique_key(&self, job: JobId) -> Result<Option<String>> {
        within!(self, read, |t| t.unique_key(job).await?)
    }

    pub(crate) async fn edges_to(&self, children: &[JobId]) -> Result<Vec<EdgeRow>> {
        within!(self, read, |t| t.edges_to(children).await?)
    }

    pub(crate) async fn edges_from(&self, parent: JobId, limit: u32) -> Result<Vec<EdgeRow>> {
        within!(self, read, |t| t.edges_from(parent, limit).await?)
    }

    pub(crate) async fn look(&self, jobs: &[JobId]) -> Result<Vec<Placed>> {
        within!(self, read, |t| t.look(jobs).await?)
    }
}
