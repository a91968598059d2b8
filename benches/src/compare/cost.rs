//! What a job costs, seen from outside of the program that runs it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::database::Counters;

/// For each job; what the database does not count is missing.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Cost {
    pub(crate) wal_bytes_per_job: Option<f64>,
    pub(crate) commits_per_job: Option<f64>,
    pub(crate) rows_per_job: Option<f64>,
    /// Processor time of the program, with its start.
    pub(crate) client_cpu_us_per_job: Option<f64>,
}

impl Cost {
    pub(crate) fn of(
        jobs: usize,
        before: Option<Counters>,
        after: Option<Counters>,
        processor: Duration,
    ) -> Self {
        if jobs == 0 {
            return Self::default();
        }
        let each = |total: f64| total / jobs as f64;
        let counted = |read: fn(Counters) -> i64| {
            let (before, after) = before.zip(after)?;
            Some(each((read(after) - read(before)) as f64))
        };
        Self {
            wal_bytes_per_job: counted(|counters| counters.wal_bytes),
            commits_per_job: counted(|counters| counters.commits),
            rows_per_job: counted(|counters| counters.rows),
            client_cpu_us_per_job: Some(each(processor.as_secs_f64() * 1e6)),
        }
    }
}
