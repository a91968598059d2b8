//! effectum on SQLite.
//!
//! - The library asks for WAL by a pragma that SQLite does not know, so that the rollback journal
//!   stays; `synchronous = NORMAL` by the library.
//! - `min_concurrency` half of the number of workers, so that jobs are fetched in batches.
//! - A backoff of one second, the least that is more than zero to it; the default begins with 20.
//! - Succeeded jobs are kept; there is no other mode.
//! - One process: opening the file a second time gives up the jobs that the first one runs.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use effectum::{Error, Job, JobRunner, Queue, RunningJob, Worker};
use jobs_bench_harness::{Args, FirstAttempt, Peer, Sizes, perform};

const KIND: &str = "bench";

async fn bench(job: RunningJob, _: Arc<()>) -> Result<(), String> {
    let args: Args = job.json_payload().map_err(|error: Error| error.to_string())?;
    perform(args.number).await.map_err(|error: FirstAttempt| error.to_string())
}

fn request(args: &Args) -> Result<Job> {
    let request = Job::builder(KIND).backoff_initial_interval(Duration::from_secs(1));
    Ok(request.json_payload(args)?.build())
}

struct Effectum(Queue);

impl Peer for Effectum {
    const NAME: &'static str = "effectum";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const KEEPS_HISTORY: bool = true;
    const SHARES: bool = false;
    const SIZES: Sizes = Sizes {
        enqueue1: 2_000,
        enqueue32: 20_000,
        bulk: 300_000,
        drain: [1_000, 6_000, 20_000],
        end_to_end: 2_500,
        work1ms: 15_000,
        args10k: 10_000,
        failing: 2_000,
    };

    type Running = Worker;

    async fn open(url: &str, _: usize) -> Result<Self> {
        let path = url.strip_prefix("sqlite://").context("effectum needs an sqlite:// address")?;
        Ok(Self(Queue::new(Path::new(path)).await?))
    }

    async fn enqueue(&self, args: Args) -> Result<()> {
        self.0.add_job(request(&args)?).await?;
        Ok(())
    }

    async fn enqueue_all(&self, args: Vec<Args>) -> Result<()> {
        let jobs = args.iter().map(request).collect::<Result<Vec<Job>>>()?;
        self.0.add_jobs(jobs).await?;
        Ok(())
    }

    async fn start(&self, workers: usize) -> Result<Worker> {
        let most = u16::try_from(workers)?;
        let worker = Worker::builder(&self.0, Arc::new(()))
            .jobs([JobRunner::builder(KIND, bench).build()])
            .min_concurrency((most / 2).max(1))
            .max_concurrency(most)
            .build()
            .await?;
        Ok(worker)
    }

    async fn unfinished(&self) -> Result<u64> {
        let active = self.0.num_active_jobs().await?;
        Ok(active.pending + active.running)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    jobs_bench_harness::run::<Effectum>().await
}
