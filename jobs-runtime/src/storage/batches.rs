//! What passes between the halves of the library and the database about batches.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::model::NewJob;
use crate::batch::{BatchCounts, BatchRecord, BatchState, OnFailure};
use crate::job::{BatchId, JobId, State};
use crate::request::Parents;

/// Jobs and batches that are stored in one transaction, each after all that it waits for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<Node>,
}

#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant)] // nearly all are jobs
pub(crate) enum Node {
    Job(NewJob),
    Batch(NewBatch),
}

impl Node {
    pub(crate) fn id(&self) -> JobId {
        match self {
            Self::Job(job) => job.id,
            Self::Batch(batch) => batch.id.node(),
        }
    }

    /// The batch that it is a member of.
    pub(crate) fn batch(&self) -> Option<BatchId> {
        match self {
            Self::Job(job) => job.batch,
            Self::Batch(batch) => batch.parent,
        }
    }

    pub(crate) fn parents(&self) -> &Parents {
        match self {
            Self::Job(job) => &job.parents,
            Self::Batch(batch) => &batch.parents,
        }
    }

    pub(crate) fn parents_mut(&mut self) -> &mut Parents {
        match self {
            Self::Job(job) => &mut job.parents,
            Self::Batch(batch) => &mut batch.parents,
        }
    }
}

/// A batch to be stored.
#[derive(Debug, Clone)]
pub(crate) struct NewBatch {
    pub(crate) id: BatchId,
    /// The batch that it is a member of.
    pub(crate) parent: Option<BatchId>,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) on_failure: OnFailure,
    pub(crate) keep: Option<Duration>,
    pub(crate) parents: Parents,
}

/// A stored batch, with what may change of it.
#[derive(Debug, Clone)]
pub(crate) struct BatchRow {
    pub(crate) id: BatchId,
    pub(crate) parent: Option<BatchId>,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) on_failure: OnFailure,
    /// How long it is kept, where that is not the default.
    pub(crate) keep: Option<Duration>,
    /// It does not wait for anything any longer.
    pub(crate) opened: bool,
    pub(crate) state: BatchState,
    pub(crate) counts: BatchCounts,
    /// The parent whose end left it without hope, and whose requeue restores it.
    pub(crate) cause: Option<JobId>,
    pub(crate) cancelled: bool,
    /// From now on, when it is written; `None` for as long as nobody acts on it.
    pub(crate) expires: Option<Duration>,
    pub(crate) seq: i64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) ended_at: Option<DateTime<Utc>>,
    pub(crate) expires_at: Option<DateTime<Utc>>,
}

impl BatchRow {
    /// Whether jobs can be added to it.
    pub(crate) fn takes_jobs(&self) -> bool {
        !self.state.is_settled() && !self.cancelled && self.cause.is_none()
    }
}

impl From<BatchRow> for BatchRecord {
    fn from(row: BatchRow) -> Self {
        Self {
            id: row.id,
            parent: row.parent,
            name: row.name,
            description: row.description,
            state: row.state,
            counts: row.counts,
            on_failure: row.on_failure,
            cancelled: row.cancelled,
            stuck: false,
            created_at: row.created_at,
            ended_at: row.ended_at,
            expires_at: row.expires_at,
            seq: row.seq,
        }
    }
}

/// A member of a batch: a job, or a batch inside it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MemberRow {
    pub(crate) batch: BatchId,
    /// Its place in the order in which members were added.
    pub(crate) position: i64,
    pub(crate) node: JobId,
    pub(crate) is_batch: bool,
}

/// As what a member counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Pending,
    Succeeded,
    Failed,
    Deleted,
    Skipped,
}

impl Class {
    /// Of a job in this state; `caused` if it was deleted because of its parent's end.
    pub(crate) fn of_job(state: State, caused: bool) -> Self {
        match state {
            State::Succeeded => Self::Succeeded,
            State::Failed => Self::Failed,
            State::Deleted if caused => Self::Skipped,
            State::Deleted => Self::Deleted,
            _ => Self::Pending,
        }
    }

    pub(crate) fn of_batch(state: BatchState) -> Self {
        match state {
            BatchState::Awaiting | BatchState::Open => Self::Pending,
            BatchState::Succeeded => Self::Succeeded,
            BatchState::Failed => Self::Failed,
            BatchState::Deleted => Self::Deleted,
            BatchState::Skipped => Self::Skipped,
        }
    }
}
