//! Writing down that jobs are deleted: that they are, for how long they stay as such, and why.

use std::time::Duration;

use super::end::Ended;
use super::failure_json;
use crate::job::{BatchId, JobFailure, JobId, State};
use crate::storage::batches::Class;
use crate::storage::model::{Count, DeletedRow, Event, EventRow, Settled};
use crate::storage::tables::{Result, Tables};

/// A job that is deleted.
#[derive(Debug)]
pub(super) struct Leaving {
    pub(super) job: JobId,
    pub(super) from: State,
    pub(super) reason: String,
    /// The parent whose end deletes it, and whose requeue restores it.
    pub(super) cause: Option<JobId>,
    /// What led to it, if a failure did.
    pub(super) failure: Option<JobFailure>,
    pub(super) count: Count,
    /// A member of a batch goes with its batch.
    pub(super) batch: Option<BatchId>,
    /// For how long another is kept.
    pub(super) keep: Duration,
    /// The server that ran it.
    pub(super) server: Option<i64>,
}

/// Notes that these jobs are deleted, which nothing else names any more; gives them as jobs that
/// have settled.
pub(super) async fn delete(t: &mut impl Tables, leaving: Vec<Leaving>) -> Result<Vec<Ended>> {
    if leaving.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<DeletedRow> = leaving.iter().map(Leaving::row).collect();
    t.insert_deleted(&rows).await?;
    let single = leaving.iter().filter(|job| job.batch.is_none());
    let expiries: Vec<_> = single.map(|job| (job.job, job.keep)).collect();
    if !expiries.is_empty() {
        t.insert_expiry(&expiries).await?;
    }
    let events: Vec<EventRow> = leaving.iter().map(Leaving::event).collect();
    t.insert_events(&events).await?;
    Ok(leaving.into_iter().map(Leaving::end).collect())
}

impl Leaving {
    fn row(&self) -> DeletedRow {
        DeletedRow {
            job: self.job,
            reason: self.reason.clone(),
            cause: self.cause,
            failure: self.failure.as_ref().map(failure_json),
            count: self.count,
        }
    }

    fn event(&self) -> EventRow {
        EventRow {
            job: self.job,
            event: Event::Deleted,
            from: self.from,
            to: State::Deleted,
            reason: self.reason.clone().into(),
            server: self.server,
        }
    }

    fn end(self) -> Ended {
        Ended {
            job: self.job,
            end: Settled::Deleted { reason: self.reason, failure: self.failure },
            batch: self.batch,
            from: Class::of_job(self.from, false),
            skipped: self.cause.is_some(),
        }
    }
}
