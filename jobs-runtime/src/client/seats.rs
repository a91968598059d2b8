//! Jobs that are stored straight into a lease: one commit from the call of enqueue to the start,
//! if a runtime of this process has a worker that has nothing to do.

use std::sync::Arc;

use crate::storage::{Claimed, LeaseParams, NewJob};

/// A runtime of this process.
pub(crate) trait Host: Send + Sync {
    /// Keeps an idle worker for each of these jobs; `None` if it cannot run all of them now.
    fn reserve(self: Arc<Self>, jobs: &[NewJob]) -> Option<Box<dyn Seats>>;
}

/// Idle workers that wait for jobs. To drop them says that nobody knows whether the jobs were
/// stored, and for whom.
pub(crate) trait Seats: Send + Sync {
    /// For whom the jobs are to be leased.
    fn params(&self) -> LeaseParams<'_>;
    /// Starts the jobs that were leased: all, or none if they went into the line.
    fn fill(self: Box<Self>, claimed: Vec<Claimed>);
}
