//! underway on PostgreSQL.
//!
//! - Polls every 10 ms (a minute by default), and is told of new tasks besides.
//! - A connection for each worker and eight more: a task runs inside a transaction.
//! - A retry policy of one millisecond; the default begins with a second.
//! - Succeeded tasks are kept for two weeks, as by default.

use std::sync::Arc;

use anyhow::Result;
use jiff::Span;
use jobs_bench_harness::{Args, Peer, Sizes, perform};
use sqlx::postgres::PgPoolOptions;
use sqlx::{PgPool, Postgres, Transaction};
use tokio::task::JoinHandle;
use underway::task::{Error, Result as TaskResult, RetryPolicy};
use underway::{Queue, Task, Worker};

const UNFINISHED: &str = "SELECT count(*) FROM underway.task WHERE state <> 'succeeded'";

#[derive(Clone)]
struct Bench;

impl Task for Bench {
    type Input = Args;
    type Output = ();

    async fn execute(&self, _: Transaction<'_, Postgres>, args: Args) -> TaskResult<()> {
        perform(args.number).await.map_err(|error| Error::Retryable(error.to_string()))
    }

    fn retry_policy(&self) -> RetryPolicy {
        RetryPolicy::builder().initial_interval_ms(1).build()
    }
}

struct Underway {
    pool: PgPool,
    queue: Arc<Queue<Bench>>,
}

impl Peer for Underway {
    const NAME: &'static str = "underway";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const KEEPS_HISTORY: bool = true;
    const SIZES: Sizes = Sizes {
        enqueue1: 8_000,
        enqueue32: 8_000,
        bulk: 100_000,
        drain: [400, 800, 800],
        end_to_end: 700,
        work1ms: 800,
        args10k: 500,
        failing: 500,
    };

    type Running = JoinHandle<()>;

    async fn open(url: &str, workers: usize) -> Result<Self> {
        let connections = u32::try_from(workers + 8)?.max(32);
        let pool = PgPoolOptions::new().max_connections(connections).connect(url).await?;
        underway::run_migrations(&pool).await?;
        let queue = Queue::builder().name("bench").pool(pool.clone()).build().await?;
        Ok(Self { pool, queue: Arc::new(queue) })
    }

    async fn enqueue(&self, args: Args) -> Result<()> {
        self.queue.enqueue(&self.pool, &Bench, &args).await?;
        Ok(())
    }

    async fn enqueue_all(&self, args: Vec<Args>) -> Result<()> {
        self.queue.enqueue_multi(&self.pool, &Bench, &args).await?;
        Ok(())
    }

    async fn start(&self, workers: usize) -> Result<JoinHandle<()>> {
        let mut worker = Worker::new(Arc::clone(&self.queue), Bench);
        worker.set_concurrency_limit(workers);
        Ok(tokio::spawn(async move {
            if let Err(error) = worker.run_every(Span::new().milliseconds(10)).await {
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
    jobs_bench_harness::run::<Underway>().await
}
