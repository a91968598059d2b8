//! What a job costs: statements, commits, rows and bytes of log in the database, processor time
//! and allocations in the program.
//!
//! The counts are of everything that was sent between the opening of a filled storage and its
//! end, heartbeats and polls included, divided by the number of jobs.

mod database;
mod usage;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::report::Report;
use crate::scenarios::{self, Outcome, Sizes};
use crate::target::Target;
use database::Activity;
use usage::Usage;

/// Each value is for one job; `None` where it is not known.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Cost {
    /// Without those that open and end transactions.
    pub(crate) statements: Option<f64>,
    pub(crate) commits: Option<f64>,
    /// Of PostgreSQL's log.
    pub(crate) wal_bytes: Option<f64>,
    /// To SQLite's log and file.
    pub(crate) written_bytes: Option<f64>,
    pub(crate) rows_inserted: Option<f64>,
    pub(crate) rows_updated: Option<f64>,
    pub(crate) rows_deleted: Option<f64>,
    /// The share of updates that changed no index.
    pub(crate) hot_share: Option<f64>,
    /// Rows that a vacuum has still to remove.
    pub(crate) dead_rows: Option<f64>,
    /// Processor time of the program, which on SQLite is the database as well.
    pub(crate) client_cpu_us: f64,
    /// Time that PostgreSQL spent on the statements, waits included.
    pub(crate) execution_us: Option<f64>,
    pub(crate) allocations: Option<f64>,
    pub(crate) allocated_bytes: Option<f64>,
}

/// What is done with the jobs.
#[derive(Debug, Clone, Copy)]
enum Workload {
    /// 32 tasks enqueue one job after the other.
    Enqueue,
    /// One call for thousands.
    Bulk,
    /// 50 workers run jobs that wait.
    Drain,
}

const ALL: [Workload; 3] = [Workload::Enqueue, Workload::Bulk, Workload::Drain];
const JOBS: usize = 100_000;

/// Measures all workloads on one target, each so many times.
pub(crate) async fn run(
    target: &Target,
    sizes: &Sizes,
    runs: usize,
    report: &mut Report,
) -> Result<()> {
    let n = sizes.of(JOBS);
    for workload in ALL {
        let mut outcomes = Vec::new();
        for _ in 0..runs {
            outcomes.push(workload.measure(target, n).await?);
        }
        report.add(target.name(), workload.name(), n, workload.concurrency(), outcomes)?;
    }
    Ok(())
}

impl Workload {
    fn name(self) -> &'static str {
        match self {
            Self::Enqueue => "cost-enqueue32",
            Self::Bulk => "cost-bulk",
            Self::Drain => "cost-drain",
        }
    }

    fn concurrency(self) -> usize {
        match self {
            Self::Enqueue => 32,
            Self::Bulk => 1,
            Self::Drain => 50,
        }
    }

    async fn measure(self, target: &Target, n: usize) -> Result<Outcome> {
        let storage = target.fresh().await?;
        if matches!(self, Self::Drain) {
            scenarios::bulk(&storage, n, 1).await?;
        }
        storage.close().await;

        let activity = Activity::of(target).await?;
        let usage = Usage::now()?;
        let storage = target.open().await?;
        let outcome = match self {
            Self::Enqueue => scenarios::enqueue(&storage, n, self.concurrency()).await,
            Self::Bulk => scenarios::bulk(&storage, n, 1).await,
            Self::Drain => scenarios::run_down(&storage, n, self.concurrency()).await,
        };
        storage.close().await;
        let usage = Usage::now()?.since(&usage);
        let activity = Activity::of(target).await?.since(&activity);
        Ok(Outcome { cost: Some(cost(&activity, &usage, n)), ..outcome? })
    }
}

fn cost(activity: &Activity, usage: &Usage, n: usize) -> Cost {
    let a_job = |count: f64| count / n as f64;
    let postgres = match activity {
        Activity::Postgres(counts) => Some(counts),
        Activity::Sqlite => None,
    };
    let counted = |field: fn(&database::Counts) -> f64| postgres.map(field).map(a_job);
    Cost {
        statements: counted(|counts| counts.statements),
        commits: counted(|counts| counts.commits),
        wal_bytes: counted(|counts| counts.wal_bytes),
        written_bytes: usage.written_bytes.filter(|_| postgres.is_none()).map(a_job),
        rows_inserted: counted(|counts| counts.inserted),
        rows_updated: counted(|counts| counts.updated),
        rows_deleted: counted(|counts| counts.deleted),
        hot_share: postgres
            .filter(|counts| counts.updated > 0.0)
            .map(|counts| counts.hot_updated / counts.updated),
        dead_rows: counted(|counts| counts.dead),
        client_cpu_us: a_job(usage.cpu.as_secs_f64() * 1e6),
        execution_us: counted(|counts| counts.execution_ms * 1e3),
        allocations: usage.allocations.map(a_job),
        allocated_bytes: usage.allocated_bytes.map(a_job),
    }
}
