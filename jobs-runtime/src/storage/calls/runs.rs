//! Runs, from the claim to their ends, and what a job writes meanwhile.

use crate::error::Error;
use crate::job::JobId;
use crate::storage::tables::Tables;
use crate::storage::{
    ClaimParams, Claims, Complete, Completed, Effects, Member, Report, Result, Settled, Storage,
    Transaction, ops,
};

impl Storage {
    pub(crate) async fn claim(
        &self,
        params: &ClaimParams<'_>,
        effects: &mut Effects,
    ) -> Result<Claims> {
        within!(self, begin, |t, effects| ops::claim(t, params, effects).await?)
    }

    pub(crate) async fn complete(&self, params: &Complete<'_>) -> Result<Completed> {
        within!(self, begin, |t| ops::complete(t, params).await?)
    }

    /// Writes ends of runs in a transaction of the jobs' own.
    pub(crate) async fn complete_in(
        &self,
        transaction: Transaction<'_>,
        params: &Complete<'_>,
    ) -> std::result::Result<Completed, Error> {
        Ok(joined!(self, transaction, |t| ops::complete(t, params).await?))
    }

    /// As [`ops::set_apart`].
    pub(crate) async fn set_apart(
        &self,
        server: i64,
        lease: i64,
        member: Member,
        holds_slot: bool,
        mut known: impl FnMut(i64) + Send,
    ) -> Result<Option<i64>> {
        within!(self, begin, |t| {
            ops::set_apart(t, server, lease, member, holds_slot, &mut known).await?
        })
    }

    pub(crate) async fn note_started(&self, started: &[(i64, Vec<JobId>)]) -> Result<()> {
        within!(self, begin, |t| t.note_started(started).await?)
    }

    pub(crate) async fn promote_due(&self, limit: u32, effects: &mut Effects) -> Result<usize> {
        within!(self, begin, |t, effects| ops::promote_due(t, limit, effects).await?)
    }

    pub(crate) async fn settled(&self, jobs: &[JobId]) -> Result<Vec<(JobId, Option<Settled>)>> {
        within!(self, read, |t| ops::settled(t, jobs).await?)
    }

    pub(crate) async fn step_output(
        &self,
        job: JobId,
        name: &str,
    ) -> std::result::Result<Option<String>, Error> {
        within!(self, read, |t| t.step_output(job, name).await?)
    }

    pub(crate) async fn keep_step(
        &self,
        job: JobId,
        name: &str,
        output: String,
    ) -> std::result::Result<(), Error> {
        within!(self, begin, |t| t.keep_step(job, name, &output).await?)
    }

    /// As [`ops::report`]; notes in the report how many lines there are then.
    pub(crate) async fn report(&self, report: &mut Report) -> Result<()> {
        let kept: Result<_> = within!(self, begin, |t| ops::report(t, report).await?);
        report.kept.extend(kept?);
        Ok(())
    }

    pub(crate) async fn tag(&self, job: JobId, tag: String) -> std::result::Result<(), Error> {
        within!(self, begin, |t| ops::tag(t, job, &tag).await?)
    }
}
