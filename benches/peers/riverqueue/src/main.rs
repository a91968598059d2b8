//! riverqueue on PostgreSQL.
//!
//! - `fetch_cooldown` of 1 ms, the least: "throughput is limited by this value" (100 ms by
//!   default).
//! - `insert_many` for bulk, the only call for many jobs.
//! - A retry policy without delay; the default waits at least a second.
//! - Succeeded jobs are kept, as by default, for 24 hours.

use std::time::Duration;

use anyhow::Result;
use jobs_bench_harness::{Args, Peer, Sizes, perform};
use riverqueue::jiff::Timestamp;
use riverqueue::migrate::PostgresMigrator;
use riverqueue::sqlx::postgres::PgPoolOptions;
use riverqueue::sqlx::{self, PgPool};
use riverqueue::{
    BoxError, Client, Job, JobArgs, JobRow, QueueConfig, RetryPolicy, RunHandle, WorkContext,
    WorkError, WorkOutcome, Workers,
};
use serde::{Deserialize, Serialize};

const UNFINISHED: &str = "SELECT count(*) FROM river_job WHERE state <> 'completed'";

#[derive(Debug, Clone, Serialize, Deserialize, JobArgs)]
#[river(kind = "bench")]
struct Bench {
    number: u64,
    payload: String,
}

impl From<Args> for Bench {
    fn from(args: Args) -> Self {
        Self { number: args.number, payload: args.payload }
    }
}

async fn bench(_: WorkContext, job: Job<Bench>) -> Result<WorkOutcome, BoxError> {
    perform(job.args.number).await?;
    Ok(WorkOutcome::Complete)
}

struct AtOnce;

impl RetryPolicy for AtOnce {
    fn next_retry(&self, _: &JobRow, _: &WorkError, _: Timestamp) -> Duration {
        Duration::ZERO
    }
}

struct River {
    pool: PgPool,
    client: Client,
}

impl Peer for River {
    const NAME: &'static str = "riverqueue";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const KEEPS_HISTORY: bool = true;
    const SIZES: Sizes = Sizes {
        enqueue1: 4_000,
        enqueue32: 8_000,
        bulk: 10_000,
        drain: [600, 4_000, 12_000],
        end_to_end: 4_000,
        work1ms: 10_000,
        args10k: 8_000,
        failing: 6_000,
    };

    type Running = RunHandle;

    async fn open(url: &str, workers: usize) -> Result<Self> {
        let pool = PgPoolOptions::new().max_connections(32).connect(url).await?;
        PostgresMigrator::new(pool.clone()).migrate_up().await?;
        let mut registry = Workers::new();
        registry.add_fn(bench)?;
        let client = Client::builder(pool.clone())
            .workers(registry)
            .fetch_cooldown(Duration::from_millis(1))
            .retry_policy(AtOnce)
            .queue("default", QueueConfig::new(workers))
            .build()?;
        Ok(Self { pool, client })
    }

    async fn enqueue(&self, args: Args) -> Result<()> {
        self.client.insert(Bench::from(args)).await?;
        Ok(())
    }

    async fn enqueue_all(&self, args: Vec<Args>) -> Result<()> {
        let jobs: Vec<Bench> = args.into_iter().map(Bench::from).collect();
        self.client.insert_many(jobs).await?;
        Ok(())
    }

    async fn start(&self, _: usize) -> Result<RunHandle> {
        Ok(self.client.start()?)
    }

    async fn unfinished(&self) -> Result<u64> {
        let count: i64 = sqlx::query_scalar(UNFINISHED).fetch_one(&self.pool).await?;
        Ok(u64::try_from(count)?)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    jobs_bench_harness::run::<River>().await
}
