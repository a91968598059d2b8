//! awa on PostgreSQL, with its queue storage.
//!
//! - `deadline_duration` of zero, which turns on the receipt path, its fastest.
//! - `poll_interval` of 50 ms; new jobs are announced besides.
//! - Bulk by COPY, as its documentation recommends for many jobs.
//! - Failed jobs ask for a retry after a millisecond; the default backs off exponentially.
//! - Succeeded jobs are kept, as by default.

use std::time::Duration;

use anyhow::Result;
use awa::{
    Client, InsertOpts, InsertParams, JobArgs, JobResult, QueueConfig, QueueStorage,
    QueueStorageConfig,
};
use jobs_bench_harness::{Args, Peer, Sizes, perform};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

const QUEUE: &str = "bench";

/// The engine that a new database is moved to by the first client.
const ENGINE: &str = "queue_storage";

#[derive(Debug, Clone, Serialize, Deserialize, JobArgs)]
struct Bench {
    number: u64,
    payload: String,
}

impl From<Args> for Bench {
    fn from(args: Args) -> Self {
        Self { number: args.number, payload: args.payload }
    }
}

struct Awa {
    pool: PgPool,
    storage: QueueStorage,
}

impl Awa {
    fn client(&self, workers: usize) -> Result<Client> {
        let queue = QueueConfig {
            max_workers: u32::try_from(workers)?,
            poll_interval: Duration::from_millis(50),
            deadline_duration: Duration::ZERO,
            ..QueueConfig::default()
        };
        let client = Client::builder(self.pool.clone())
            .queue(QUEUE, queue)
            .register::<Bench, _, _>(|job: Bench, _| async move {
                Ok(match perform(job.number).await {
                    Ok(()) => JobResult::Completed,
                    Err(_) => JobResult::RetryAfter(Duration::from_millis(1)),
                })
            })
            .build()?;
        Ok(client)
    }

    /// A new database holds an older engine until a client has been there; jobs that were stored
    /// before would be moved while they are measured.
    async fn adopt_engine(&self) -> Result<()> {
        if awa::storage::status(&self.pool).await?.current_engine == ENGINE {
            return Ok(());
        }
        let client = self.client(1)?;
        client.start().await?;
        while awa::storage::status(&self.pool).await?.current_engine != ENGINE {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        client.shutdown(Duration::from_secs(2)).await;
        Ok(())
    }
}

fn options() -> InsertOpts {
    InsertOpts { queue: QUEUE.to_owned(), ..InsertOpts::default() }
}

impl Peer for Awa {
    const NAME: &'static str = "awa";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const KEEPS_HISTORY: bool = true;
    const SIZES: Sizes = Sizes {
        enqueue1: 1_000,
        enqueue32: 1_500,
        bulk: 100_000,
        drain: [400, 2_000, 8_000],
        end_to_end: 1_000,
        work1ms: 6_000,
        args10k: 5_000,
        failing: 1_000,
    };

    type Running = Client;

    async fn open(url: &str, _: usize) -> Result<Self> {
        let pool = PgPoolOptions::new().max_connections(32).connect(url).await?;
        awa::migrations::run(&pool).await?;
        let awa = Self { pool, storage: QueueStorage::new(QueueStorageConfig::default())? };
        awa.adopt_engine().await?;
        Ok(awa)
    }

    async fn enqueue(&self, args: Args) -> Result<()> {
        awa::insert_with(&self.pool, &Bench::from(args), options()).await?;
        Ok(())
    }

    async fn enqueue_all(&self, args: Vec<Args>) -> Result<()> {
        let mut jobs: Vec<InsertParams> = Vec::with_capacity(args.len());
        for args in args {
            jobs.push(awa::insert::params_with(&Bench::from(args), options())?);
        }
        self.storage.enqueue_params_copy(&self.pool, &jobs).await?;
        Ok(())
    }

    async fn start(&self, workers: usize) -> Result<Client> {
        let client = self.client(workers)?;
        client.start().await?;
        Ok(client)
    }

    async fn unfinished(&self) -> Result<u64> {
        let counts = self.storage.queue_counts(&self.pool, QUEUE).await?;
        Ok(u64::try_from(counts.available + counts.running)?)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    jobs_bench_harness::run::<Awa>().await
}
