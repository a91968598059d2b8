//! What can be seen of a stored batch.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::job::{BatchId, State};

/// Where a batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BatchState {
    /// Waits for what it is to come after.
    Awaiting,
    /// Its jobs run, or wait for their turn; or it is [stuck](BatchRecord::is_stuck).
    Open,
    /// Every job has succeeded.
    Succeeded,
    /// Every job has settled, at least one is Failed, and that is to end the batch.
    Failed,
    /// Every job is final, and at least one was deleted.
    Deleted,
    /// None of its jobs was needed, because of the end of what it waited for.
    Skipped,
}

impl BatchState {
    const ALL: [Self; 6] =
        [Self::Awaiting, Self::Open, Self::Succeeded, Self::Failed, Self::Deleted, Self::Skipped];

    /// Whether the batch has come to an end, if only until somebody acts on one of its jobs.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        !matches!(self, Self::Awaiting | Self::Open)
    }

    /// What the end is to those who wait for it; `None` while there is none.
    pub(crate) const fn as_job(self) -> Option<State> {
        match self {
            Self::Awaiting | Self::Open => None,
            Self::Succeeded => Some(State::Succeeded),
            Self::Failed => Some(State::Failed),
            Self::Deleted | Self::Skipped => Some(State::Deleted),
        }
    }

    pub(crate) const fn code(self) -> i16 {
        match self {
            Self::Awaiting => 0,
            Self::Open => 1,
            Self::Succeeded => 2,
            Self::Failed => 3,
            Self::Deleted => 4,
            Self::Skipped => 5,
        }
    }

    pub(crate) fn from_code(code: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

impl fmt::Display for BatchState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Awaiting => "awaiting",
            Self::Open => "open",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Deleted => "deleted",
            Self::Skipped => "skipped",
        })
    }
}

/// What becomes of a batch when all that is left of it are Failed jobs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnFailure {
    /// It stays open, and is [stuck](BatchRecord::is_stuck), until somebody requeues or deletes
    /// them.
    #[default]
    Hold,
    /// It ends as Failed. What waits in it for the success of a Failed one is skipped, and restored
    /// if that is requeued.
    Finish,
}

/// How many members of a batch stand where. A batch inside counts as one member.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BatchCounts {
    /// All members.
    pub total: u64,
    /// Those that have not settled.
    pub pending: u64,
    /// Those that have succeeded.
    pub succeeded: u64,
    /// Those that are Failed.
    pub failed: u64,
    /// Those that were deleted.
    pub deleted: u64,
    /// Those that were not needed, because of how others ended.
    pub skipped: u64,
}

impl BatchCounts {
    /// Those that have come to an end, whichever it was.
    #[must_use]
    pub const fn settled(&self) -> u64 {
        self.succeeded + self.failed + self.deleted + self.skipped
    }

    /// How far the batch has come, from 0 to 1; 1 if it has no members.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // a share is shown, not counted with
    pub fn progress(&self) -> f64 {
        match self.total {
            0 => 1.0,
            total => self.settled() as f64 / total as f64,
        }
    }
}

/// A batch or a workflow as it is stored.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BatchRecord {
    /// Its id.
    pub id: BatchId,
    /// The batch that it is a member of.
    pub parent: Option<BatchId>,
    /// Its name.
    pub name: String,
    /// What it was described as.
    pub description: Option<String>,
    /// Where it stands.
    pub state: BatchState,
    /// Where its members stand.
    pub counts: BatchCounts,
    /// What Failed jobs do to it.
    pub on_failure: OnFailure,
    /// Somebody cancelled it.
    pub cancelled: bool,
    pub(crate) stuck: bool,
    /// When it was stored.
    pub created_at: DateTime<Utc>,
    /// When it came to its end.
    pub ended_at: Option<DateTime<Utc>>,
    /// When it goes, with all its jobs.
    pub expires_at: Option<DateTime<Utc>>,
    /// Orders batches as they were stored.
    pub seq: i64,
}

impl BatchRecord {
    /// Whether Failed jobs hold it open, or a batch inside it, and all that is left besides waits
    /// for others: somebody has to requeue or delete them.
    #[must_use]
    pub const fn is_stuck(&self) -> bool {
        self.stuck
    }
}
