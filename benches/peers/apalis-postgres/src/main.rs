//! apalis on PostgreSQL.
//!
//! - Batches of 500 jobs (10 by default): "larger batches can improve throughput".
//! - Polls every 10 ms, and is told of new jobs besides (`with_pubsub`).
//! - Handlers run as tasks (`parallelize`), as in its README.
//! - A failed job is fetched again with the next poll.
//! - Succeeded jobs are kept; there is no other mode.

use std::time::Duration;

use anyhow::{Result, anyhow};
use apalis::prelude::*;
use apalis_postgres::{Config, PostgresStorage};
use jobs_bench_harness::{Args, FirstAttempt, Peer, Sizes, perform};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::runtime::Handle;

const UNFINISHED: &str = "SELECT count(*) FROM apalis.jobs WHERE status <> 'Done'";

async fn bench(args: Args) -> Result<(), FirstAttempt> {
    perform(args.number).await
}

struct Apalis {
    pool: PgPool,
    storage: PostgresStorage<Args>,
}

impl Peer for Apalis {
    const NAME: &'static str = "apalis-postgres";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const KEEPS_HISTORY: bool = true;
    const SIZES: Sizes = Sizes {
        enqueue1: 5_000,
        enqueue32: 5_000,
        bulk: 100_000,
        drain: [30_000, 30_000, 30_000],
        end_to_end: 3_000,
        work1ms: 20_000,
        args10k: 20_000,
        failing: 20_000,
    };

    type Running = ();

    async fn open(url: &str, _: usize) -> Result<Self> {
        let pool = PgPoolOptions::new().max_connections(32).connect(url).await?;
        PostgresStorage::setup(&pool).await?;
        let config = Config::default().queue("bench").batch_size(500);
        let storage = PostgresStorage::new(&pool).with_config(config);
        Ok(Self { pool, storage })
    }

    async fn enqueue(&self, args: Args) -> Result<()> {
        self.storage.clone().push(args).await?;
        Ok(())
    }

    async fn enqueue_all(&self, args: Vec<Args>) -> Result<()> {
        self.storage.clone().push_bulk(args).await?;
        Ok(())
    }

    async fn start(&self, workers: usize) -> Result<()> {
        let storage = self.storage.clone();
        let runtime = Handle::current();
        let name = format!("bench-{}", std::process::id());
        // The worker's future cannot move between threads, so it gets one.
        std::thread::Builder::new().spawn(move || {
            let polls = Strategy::new().interval(Duration::from_millis(10));
            let worker = WorkerBuilder::new(name)
                .backend(storage.with_pubsub().poll_with_strategy(polls))
                .concurrency(workers)
                .parallelize(tokio::spawn)
                .build(bench);
            if let Err(error) = runtime.block_on(worker.run()) {
                eprintln!("the worker ended: {}", anyhow!("{error}"));
            }
        })?;
        Ok(())
    }

    async fn unfinished(&self) -> Result<u64> {
        let count: i64 = sqlx::query_scalar(UNFINISHED).fetch_one(&self.pool).await?;
        Ok(u64::try_from(count)?)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    jobs_bench_harness::run::<Apalis>().await
}
