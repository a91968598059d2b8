//! fang on PostgreSQL, with its asynchronous workers.
//!
//! - Workers without a task sleep for 20 ms (5 s by default); nothing wakes them.
//! - A connection for each worker and 16 more.
//! - A backoff of zero seconds; the default begins with one.
//! - Succeeded tasks are removed, as by default.
//! - There is no bulk call.

use std::time::Duration;

use anyhow::{Result, bail};
use async_trait::async_trait;
use fang::asynk::async_queue::{AsyncQueue, AsyncQueueable};
use fang::asynk::async_runnable::AsyncRunnable;
use fang::asynk::async_worker_pool::AsyncWorkerPool;
use fang::{FangError, SleepParams};
use jobs_bench_harness::{Args, Peer, Sizes, perform};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

const SCHEMA: &str = include_str!(concat!(env!("OUT_DIR"), "/schema.sql"));

const IS_THERE: &str = "SELECT to_regclass('fang_tasks') IS NOT NULL";

const UNFINISHED: &str = "SELECT count(*) FROM fang_tasks";

/// How long a worker sleeps that has found no task.
const SLEEP: Duration = Duration::from_millis(20);

#[derive(Serialize, Deserialize)]
struct Bench {
    number: u64,
    payload: String,
}

impl From<Args> for Bench {
    fn from(args: Args) -> Self {
        Self { number: args.number, payload: args.payload }
    }
}

#[typetag::serde]
#[async_trait]
impl AsyncRunnable for Bench {
    async fn run(&self, _: &dyn AsyncQueueable) -> Result<(), FangError> {
        let ended = perform(self.number).await;
        ended.map_err(|error| FangError { description: error.to_string() })
    }

    fn backoff(&self, _: u32) -> u32 {
        0
    }
}

struct Fang {
    pool: PgPool,
    queue: AsyncQueue,
}

impl Peer for Fang {
    const NAME: &'static str = "fang";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const KEEPS_HISTORY: bool = false;
    const HAS_BULK: bool = false;
    const SIZES: Sizes = Sizes {
        enqueue1: 4_000,
        enqueue32: 8_000,
        bulk: 0,
        drain: [600, 800, 800],
        end_to_end: 700,
        work1ms: 800,
        args10k: 500,
        failing: 500,
    };

    type Running = ();

    async fn open(url: &str, workers: usize) -> Result<Self> {
        let pool = PgPoolOptions::new().max_connections(1).connect(url).await?;
        if !sqlx::query_scalar::<_, bool>(IS_THERE).fetch_one(&pool).await? {
            sqlx::raw_sql(SCHEMA).execute(&pool).await?;
        }
        let connections = u32::try_from(workers + 16)?;
        let mut queue = AsyncQueue::builder().uri(url).max_pool_size(connections).build();
        queue.connect().await?;
        Ok(Self { pool, queue })
    }

    async fn enqueue(&self, args: Args) -> Result<()> {
        self.queue.insert_task(&Bench::from(args)).await?;
        Ok(())
    }

    async fn enqueue_all(&self, _: Vec<Args>) -> Result<()> {
        bail!("fang has no bulk call")
    }

    async fn start(&self, workers: usize) -> Result<()> {
        let sleep = SleepParams {
            sleep_period: SLEEP,
            max_sleep_period: SLEEP,
            min_sleep_period: SLEEP,
            sleep_step: Duration::ZERO,
        };
        let mut workers: AsyncWorkerPool<AsyncQueue> = AsyncWorkerPool::builder()
            .number_of_workers(u32::try_from(workers)?)
            .queue(self.queue.clone())
            .sleep_params(sleep)
            .build();
        workers.start().await;
        Ok(())
    }

    async fn unfinished(&self) -> Result<u64> {
        let count: i64 = sqlx::query_scalar(UNFINISHED).fetch_one(&self.pool).await?;
        Ok(u64::try_from(count)?)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    jobs_bench_harness::run::<Fang>().await
}
