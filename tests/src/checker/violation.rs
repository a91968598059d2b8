//! What can be wrong with a history.

use std::fmt;

use jobs_runtime::{JobId, JobState};

/// One thing that should not have happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)] // the fields are named by the texts below
pub enum Violation {
    /// An enqueue returned, and the job is not stored.
    Lost { job: JobId },
    /// A job has not come to an end.
    Unsettled { job: JobId, state: JobState },
    /// Two runs of a job, both under leases that held.
    Overlap { job: JobId, leases: (i64, i64) },
    /// A job was run again after its success had been accepted.
    StartedAgain { job: JobId, lease: i64 },
    /// A continuation was run before its parent had succeeded.
    BeforeParent { job: JobId, parent: JobId },
    /// A job is Succeeded with no accepted success, or with several; or it has one and is not.
    Successes { job: JobId, state: Option<JobState>, count: usize },
    /// A success was accepted of a run that had not come to its end, or had never begun.
    Unearned { job: JobId, lease: i64 },
    /// A success was accepted of a run that had lost its lease before it ended.
    AfterLoss { job: JobId, lease: i64 },
    /// An occurrence of a recurring schedule was left out.
    Missing { at: i64 },
    /// An occurrence was recorded that the schedule does not have.
    Surplus { at: i64 },
    /// An occurrence is recorded, and its job is not stored.
    WithoutJob { at: i64 },
    /// A job of a recurring schedule that belongs to no occurrence, or to one that has another.
    Double { job: JobId },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost { job } => write!(f, "job {job} was enqueued and is lost"),
            Self::Unsettled { job, state } => write!(f, "job {job} is still {state}"),
            Self::Overlap { job, leases: (one, other) } => {
                write!(f, "job {job} ran twice at a time, under the live leases {one} and {other}")
            }
            Self::StartedAgain { job, lease } => {
                write!(f, "job {job} was started under lease {lease} after it had succeeded")
            }
            Self::BeforeParent { job, parent } => {
                write!(f, "job {job} was started before its parent {parent} had succeeded")
            }
            Self::Successes { job, state, count } => {
                write!(f, "job {job} is {state:?} with {count} accepted successes")
            }
            Self::Unearned { job, lease } => {
                write!(f, "job {job}: accepted a success under lease {lease} that no run had")
            }
            Self::AfterLoss { job, lease } => {
                write!(f, "job {job}: accepted a success under lease {lease}, which was lost")
            }
            Self::Missing { at } => write!(f, "the occurrence at {at} is missing"),
            Self::Surplus { at } => write!(f, "the occurrence at {at} is none of the schedule"),
            Self::WithoutJob { at } => write!(f, "the occurrence at {at} has no job"),
            Self::Double { job } => write!(f, "job {job} is a second one of its occurrence"),
        }
    }
}
