//! apalis on SQLite.
//!
//! - WAL and `synchronous = NORMAL`, which may lose the last commits with the power; its own
//!   `setup` would leave the one connection that it runs on with OFF.
//! - One connection, so that writers do not wait for each other's locks.
//! - Batches of 500 jobs (10 by default), polls every 10 ms, handlers run as tasks.
//! - A failed job is fetched again with the next poll.
//! - Succeeded jobs are kept; there is no other mode.

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Result, anyhow};
use apalis::prelude::*;
use apalis_sqlite::{Config, SqliteStorage};
use jobs_bench_harness::{Args, FirstAttempt, Peer, Sizes, perform};
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::runtime::Handle;

const UNFINISHED: &str = "SELECT count(*) FROM Jobs WHERE status <> 'Done'";

async fn bench(args: Args) -> Result<(), FirstAttempt> {
    perform(args.number).await
}

struct Apalis {
    pool: SqlitePool,
    storage: SqliteStorage<Args>,
}

async fn connect(url: &str) -> Result<SqlitePool> {
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(Duration::from_secs(30));
    Ok(SqlitePoolOptions::new().max_connections(1).connect_with(options).await?)
}

impl Peer for Apalis {
    const NAME: &'static str = "apalis-sqlite";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const KEEPS_HISTORY: bool = true;
    const SIZES: Sizes = Sizes {
        enqueue1: 5_000,
        enqueue32: 5_000,
        bulk: 30_000,
        drain: [30_000, 30_000, 30_000],
        end_to_end: 2_000,
        work1ms: 20_000,
        args10k: 10_000,
        failing: 10_000,
    };

    type Running = ();

    async fn open(url: &str, _: usize) -> Result<Self> {
        let first = connect(url).await?;
        SqliteStorage::setup(&first).await?;
        first.close().await;
        let pool = connect(url).await?;
        let config = Config::default().queue("bench").batch_size(500);
        let storage = SqliteStorage::new(&pool).with_config(config);
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
                .backend(storage.poll_with_strategy(polls))
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
