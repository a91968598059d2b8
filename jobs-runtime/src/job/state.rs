//! The states of a job.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a job stands.
///
/// *Settled* is Succeeded, Failed or Deleted; *final* is Succeeded or Deleted, which expire.
/// Failed is kept until somebody acts on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Waits in the line of its queue.
    Enqueued,
    /// Waits for its time: delayed, retried or snoozed.
    Scheduled,
    /// Waits for its parents.
    Awaiting,
    /// A live server has it.
    Processing,
    /// Ran to its end.
    Succeeded,
    /// Has no attempt left, or must not be retried.
    Failed,
    /// Was taken out, or was not needed.
    Deleted,
}

impl State {
    /// In the order in which jobs are listed.
    pub(crate) const ALL: [Self; 7] = [
        Self::Processing,
        Self::Enqueued,
        Self::Scheduled,
        Self::Awaiting,
        Self::Failed,
        Self::Deleted,
        Self::Succeeded,
    ];

    /// Whether the job has come to an end, if only until somebody acts on it.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Deleted)
    }

    /// Whether the job has come to an end for good.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Deleted)
    }

    /// The state in lower case, as it is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enqueued => "enqueued",
            Self::Scheduled => "scheduled",
            Self::Awaiting => "awaiting",
            Self::Processing => "processing",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Deleted => "deleted",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
