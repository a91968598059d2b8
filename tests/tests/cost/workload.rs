//! What is counted.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use jobs_runtime::prelude::*;
use jobs_runtime::{BatchRecord, Client, JobRequest, Runtime, Storage, StorageOptions};
use jobs_tests::Probe;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::counters::{Cost, Counters};

pub(super) const JOBS: i64 = 10_000;

/// In one call.
const BULK: usize = 5_000;

/// On a page.
pub(super) const BATCHES: u32 = 50;

/// Beyond the length of any test, so that neither heartbeats nor sweeps are counted.
const LONG: Duration = Duration::from_secs(600);

/// A job of about 90 bytes of arguments.
#[job(queue = "cost")]
async fn counted_noop(number: i64, payload: String) {
    let _ = (number, payload);
}

#[job(queue = "cost", retries = 0)]
async fn counted_failure() -> anyhow::Result<()> {
    anyhow::bail!("no")
}

/// What `work` costs a job, on a storage that was filled by `prepare`.
pub(super) fn counted(
    prepare: impl AsyncFnOnce(&Storage),
    work: impl AsyncFnOnce(&Storage),
) -> Cost {
    count(JOBS, prepare, work)
}

/// What `work` costs as a whole, on a storage that was filled by `prepare`.
pub(super) fn counted_once(
    prepare: impl AsyncFnOnce(&Storage),
    work: impl AsyncFnOnce(&Storage),
) -> Cost {
    count(1, prepare, work)
}

fn count(jobs: i64, prepare: impl AsyncFnOnce(&Storage), work: impl AsyncFnOnce(&Storage)) -> Cost {
    let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio.block_on(async {
        let url = std::env::var("JOBS_TEST_COUNTED_URL").expect(
            "JOBS_TEST_COUNTED_URL is not set: run the tests by `cargo xtask test`, or set it to \
             what `cargo xtask servers` prints",
        );
        let schema = format!("t{}", Uuid::now_v7().simple());
        let mut counters = Counters::alone(&url, &schema).await;
        on_storage(&url, &schema, prepare).await;
        let before = counters.read().await;
        on_storage(&url, &schema, work).await;
        let after = counters.read().await;
        counters.close().await;
        after.since(&before, jobs)
    })
}

/// Opens and closes a storage around the work, since sessions hand in their counts as they end.
async fn on_storage(url: &str, schema: &str, work: impl AsyncFnOnce(&Storage)) {
    // For the kinds of other tests in this program.
    let keys = Keys::new("new", [1; 32]);
    let storage = StorageOptions::new(url).schema(schema).keys(keys).connect().await.unwrap();
    work(&storage).await;
    storage.close().await;
}

/// One call for thousands.
pub(super) async fn bulk(storage: &Storage) {
    enqueue_all(storage, |request| request).await;
}

/// The same with a time for each job.
pub(super) async fn bulk_at(storage: &Storage) {
    let tomorrow = Utc::now() + TimeDelta::days(1);
    enqueue_all(storage, |request| request.at(tomorrow)).await;
}

async fn enqueue_all(
    storage: &Storage,
    with: impl Fn(JobRequest<CountedNoop>) -> JobRequest<CountedNoop>,
) {
    let client = Client::new(storage.clone());
    let numbers: Vec<i64> = (0..JOBS).collect();
    for numbers in numbers.chunks(BULK) {
        let request = |number: &i64| with(counted_noop::job(*number, "x".repeat(60)));
        client.enqueue_all(numbers.iter().map(request)).await.unwrap();
    }
}

/// A task for each job.
pub(super) async fn gather(storage: &Storage) {
    let client = Client::new(storage.clone());
    let mut tasks = JoinSet::new();
    for number in 0..JOBS {
        let request = counted_noop::job(number, "x".repeat(60));
        let client = client.clone();
        tasks.spawn(async move { request.enqueue_with(&client).await.unwrap() });
    }
    tasks.join_all().await;
}

/// By 50 workers, until the last outcome is stored.
pub(super) async fn drain(storage: &Storage) {
    let (probe, _heard) = Probe::new();
    let runtime = Runtime::builder(storage.clone())
        .state(probe)
        .state(jobs_tests::Place::postgres())
        .workers(50)
        .queues(["cost"])
        .heartbeat_every(LONG)
        .dead_after(2 * LONG)
        .sweep_every(LONG);
    let runtime = runtime.start().await.unwrap();
    runtime.drain().await.unwrap();
    runtime.shutdown().await.unwrap();
}

/// Each with a job that has failed, and one that waits for it.
pub(super) async fn stuck_batches(storage: &Storage) {
    let client = Client::new(storage.clone());
    for _ in 0..BATCHES {
        let failing = counted_failure::job();
        let waiting = counted_failure::job().after(failing.id());
        let batch = Batch::new("stuck").add(failing).add(waiting);
        batch.enqueue_with(&client).await.unwrap();
    }
    drain(storage).await;
}

pub(super) async fn list_batches(storage: &Storage) {
    let batches = Client::new(storage.clone()).batches(None, BATCHES).await.unwrap();
    assert_eq!(batches.len(), BATCHES as usize);
    assert!(batches.iter().all(BatchRecord::is_stuck));
}
