//! sqlxmq on PostgreSQL.
//!
//! - `min_concurrency` equal to the number of workers, so that a free worker fetches at once.
//! - There is no bulk call; waiting jobs are stored one by one in transactions of 5,000.
//! - A retry backoff of a millisecond. A job counts as failed when its time is over, there is no
//!   other sign.
//! - Succeeded jobs are deleted; there is no other mode.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use jobs_bench_harness::{Args, BULK, Peer, Sizes, perform};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use sqlxmq::{CurrentJob, JobBuilder, JobRegistry, JobRunnerHandle, job};

const SCHEMA: &str = include_str!(concat!(env!("OUT_DIR"), "/schema.sql"));

const IS_THERE: &str = "SELECT to_regclass('mq_msgs') IS NOT NULL";

/// One row stands for no job.
const UNFINISHED: &str = "SELECT count(*) FROM mq_msgs WHERE id <> uuid_nil()";

#[job(channel_name = "bench")]
async fn bench(mut job: CurrentJob) -> Result<(), Box<dyn Error + Send + Sync>> {
    let Some(args) = job.json::<Args>()? else {
        return Err("a job without arguments".into());
    };
    perform(args.number).await?;
    job.complete().await?;
    Ok(())
}

fn request(args: &Args) -> Result<JobBuilder<'static>> {
    let mut request = bench.builder();
    request.set_retry_backoff(Duration::from_millis(1)).set_json(args)?;
    Ok(request)
}

struct Sqlxmq(PgPool);

impl Peer for Sqlxmq {
    const NAME: &'static str = "sqlxmq";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const KEEPS_HISTORY: bool = false;
    const HAS_BULK: bool = false;
    const SIZES: Sizes = Sizes {
        enqueue1: 3_000,
        enqueue32: 3_000,
        bulk: 0,
        drain: [1_000, 3_000, 5_000],
        end_to_end: 2_000,
        work1ms: 4_000,
        args10k: 3_000,
        failing: 3_000,
    };

    type Running = JobRunnerHandle;

    async fn open(url: &str, _: usize) -> Result<Self> {
        let pool = PgPoolOptions::new().max_connections(32).connect(url).await?;
        if !sqlx::query_scalar::<_, bool>(IS_THERE).fetch_one(&pool).await? {
            sqlx::raw_sql(SCHEMA).execute(&pool).await?;
        }
        Ok(Self(pool))
    }

    async fn enqueue(&self, args: Args) -> Result<()> {
        request(&args)?.spawn(&self.0).await?;
        Ok(())
    }

    async fn enqueue_all(&self, _: Vec<Args>) -> Result<()> {
        bail!("sqlxmq has no bulk call")
    }

    async fn fill(self: &Arc<Self>, jobs: usize, payload: usize) -> Result<()> {
        for start in (0..jobs).step_by(BULK) {
            let mut transaction = self.0.begin().await?;
            for number in start..jobs.min(start + BULK) {
                request(&Args::new(number, payload))?.spawn(&mut *transaction).await?;
            }
            transaction.commit().await?;
        }
        Ok(())
    }

    async fn start(&self, workers: usize) -> Result<JobRunnerHandle> {
        let registry = JobRegistry::new(&[bench]);
        Ok(registry.runner(&self.0).set_concurrency(workers, workers).run().await?)
    }

    async fn unfinished(&self) -> Result<u64> {
        let count: i64 = sqlx::query_scalar(UNFINISHED).fetch_one(&self.0).await?;
        Ok(u64::try_from(count)?)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    jobs_bench_harness::run::<Sqlxmq>().await
}
