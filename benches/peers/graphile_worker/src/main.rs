//! graphile_worker on PostgreSQL.
//!
//! - A local queue of 1,000 jobs, which its documentation names for high throughput.
//! - Completions and failures are stored in batches of 5 ms, as in its examples.
//! - Succeeded jobs are deleted; there is no other mode.
//! - A failed job waits for e^attempts seconds, the first time 2.7; this cannot be set.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use graphile_worker::{
    IntoTaskHandlerResult, JobSpec, LocalQueueConfig, TaskHandler, Worker, WorkerContext,
    WorkerOptions, WorkerUtils,
};
use jobs_bench_harness::{Args, Peer, Sizes, perform};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::task::JoinHandle;

const UNFINISHED: &str = "SELECT count(*) FROM graphile_worker._private_jobs";

/// How long outcomes gather before they are stored.
const BATCH: Duration = Duration::from_millis(5);

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Bench {
    number: u64,
    payload: String,
}

impl From<Args> for Bench {
    fn from(args: Args) -> Self {
        Self { number: args.number, payload: args.payload }
    }
}

impl TaskHandler for Bench {
    const IDENTIFIER: &'static str = "bench";

    async fn run(self, _: WorkerContext) -> impl IntoTaskHandlerResult {
        perform(self.number).await
    }
}

struct Graphile {
    pool: PgPool,
    worker: Arc<Worker>,
    utils: WorkerUtils,
}

impl Peer for Graphile {
    const NAME: &'static str = "graphile_worker";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const KEEPS_HISTORY: bool = false;
    const SIZES: Sizes = Sizes {
        enqueue1: 1_500,
        enqueue32: 3_000,
        bulk: 60_000,
        drain: [60_000, 60_000, 60_000],
        end_to_end: 1_500,
        work1ms: 20_000,
        args10k: 30_000,
        failing: 20_000,
    };

    type Running = JoinHandle<()>;

    async fn open(url: &str, workers: usize) -> Result<Self> {
        let pool = PgPoolOptions::new().max_connections(32).connect(url).await?;
        let worker = WorkerOptions::default()
            .concurrency(workers)
            .pg_pool(pool.clone())
            .define_job::<Bench>()
            .local_queue(LocalQueueConfig::default().with_size(1_000))
            .complete_job_batch_delay(BATCH)
            .fail_job_batch_delay(BATCH)
            .init()
            .await?;
        let utils = worker.create_utils();
        Ok(Self { pool, worker: Arc::new(worker), utils })
    }

    async fn enqueue(&self, args: Args) -> Result<()> {
        self.utils.add_job(Bench::from(args), JobSpec::default()).await?;
        Ok(())
    }

    async fn enqueue_all(&self, args: Vec<Args>) -> Result<()> {
        let spec = JobSpec::default();
        let jobs: Vec<_> = args.into_iter().map(|args| (Bench::from(args), &spec)).collect();
        self.utils.add_jobs(&jobs).await?;
        Ok(())
    }

    async fn start(&self, _: usize) -> Result<JoinHandle<()>> {
        let worker = Arc::clone(&self.worker);
        Ok(tokio::spawn(async move {
            if let Err(error) = worker.run().await {
                eprintln!("the worker ended: {error}");
            }
        }))
    }

    async fn unfinished(&self) -> Result<u64> {
        let count: i64 = sqlx::query_scalar(UNFINISHED).fetch_one(&self.pool).await?;
        Ok(u64::try_from(count)?)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    jobs_bench_harness::run::<Graphile>().await
}
