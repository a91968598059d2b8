//! jobs itself, as one more program of the comparison with other libraries: on PostgreSQL and
//! SQLite, with its defaults but for the number of workers.
//!
//! - On SQLite a returned enqueue has survived the loss of power (`synchronous = FULL`).
//! - Failed jobs are retried without delay; the default begins with a second.
//! - Succeeded jobs are kept, as by default.

use anyhow::Result;
use jobs_bench_harness::{Args, Peer, Sizes, perform};
use jobs_runtime::prelude::*;
use jobs_runtime::{Client, JobRequest, Runtime, Storage};

#[job(queue = "bench", backoff = "0s")]
async fn bench(number: u64, payload: String) -> Result<()> {
    drop(payload);
    perform(number).await?;
    Ok(())
}

fn request(args: Args) -> JobRequest<Bench> {
    bench::job(args.number, args.payload)
}

struct Jobs {
    storage: Storage,
    client: Client,
}

impl Peer for Jobs {
    const NAME: &'static str = "jobs";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const KEEPS_HISTORY: bool = true;
    const SIZES: Sizes = Sizes {
        enqueue1: 5_000,
        enqueue32: 60_000,
        bulk: 200_000,
        drain: [200_000, 200_000, 200_000],
        end_to_end: 8_000,
        work1ms: 30_000,
        args10k: 30_000,
        failing: 60_000,
    };

    type Running = Runtime;

    async fn open(url: &str, _: usize) -> Result<Self> {
        let storage = Storage::connect(url).await?;
        Ok(Self { client: Client::new(storage.clone()), storage })
    }

    async fn enqueue(&self, args: Args) -> Result<()> {
        request(args).enqueue_with(&self.client).await?;
        Ok(())
    }

    async fn enqueue_all(&self, args: Vec<Args>) -> Result<()> {
        self.client.enqueue_all(args.into_iter().map(request)).await?;
        Ok(())
    }

    async fn start(&self, workers: usize) -> Result<Runtime> {
        let runtime = Runtime::builder(self.storage.clone()).workers(workers).queues(["bench"]);
        Ok(runtime.start().await?)
    }

    async fn unfinished(&self) -> Result<u64> {
        let counts = self.client.counts().await?;
        Ok(counts.enqueued + counts.scheduled + counts.awaiting + counts.processing)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    jobs_bench_harness::run::<Jobs>().await
}
