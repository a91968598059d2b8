//! What has happened to one job.

use crate::storage::{EventRecord, LogLine, RunRecord};

/// The runs, events and log lines of a job, each in their order.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct History {
    /// Its finished runs.
    pub runs: Vec<RunRecord>,
    /// What happened beside its runs.
    pub events: Vec<EventRecord>,
    /// What it wrote by [`JobContext::log`](crate::JobContext::log).
    pub log: Vec<LogLine>,
}
