//! What is measured.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use jobs_runtime::{Client, JobRequest, Runtime, Storage};

use crate::cost::Cost;
use crate::latency;
use crate::probe::{self, Noop, noop};
use crate::target::Target;

/// One way of using the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// One task that enqueues one job after the other.
    Enqueue1,
    /// 32 tasks that do so.
    Enqueue32,
    /// Calls for thousands, by one task or several.
    Bulk,
    /// Waiting jobs, run with no other work.
    Drain,
    /// From the call of enqueue to the job's first line, on an idle runtime.
    Latency,
    /// The same, if the job comes from another process.
    LatencyAcross,
    /// Four tasks enqueue while the workers run.
    EndToEnd,
    /// What an idle server asks of its database.
    Idle,
}

/// The numbers of jobs.
#[derive(Debug)]
pub(crate) struct Sizes {
    divisor: usize,
}

/// What one run of a scenario showed.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) per_second: f64,
    /// Latencies in milliseconds, where single operations are timed.
    pub(crate) latencies: Vec<f64>,
    /// The same of plain inserts, in turns with them.
    pub(crate) inserts: Vec<f64>,
    pub(crate) cost: Option<Cost>,
}

impl Outcome {
    pub(crate) fn rate(per_second: f64) -> Self {
        Self { per_second, latencies: Vec::new(), inserts: Vec::new(), cost: None }
    }
}

const ALL: [Scenario; 8] = [
    Scenario::Enqueue1,
    Scenario::Enqueue32,
    Scenario::Bulk,
    Scenario::Drain,
    Scenario::Latency,
    Scenario::LatencyAcross,
    Scenario::EndToEnd,
    Scenario::Idle,
];

/// Jobs in one call of bulk enqueue.
const BULK: usize = 5_000;

impl Sizes {
    pub(crate) fn divided_by(divisor: usize) -> Self {
        Self { divisor }
    }

    pub(crate) fn of(&self, n: usize) -> usize {
        (n / self.divisor).max(100)
    }
}

impl Scenario {
    pub(crate) fn parse_all(names: &[String]) -> Result<Vec<Self>> {
        if names.is_empty() {
            return Ok(ALL.to_vec());
        }
        names.iter().map(|name| Self::parse(name)).collect()
    }

    fn parse(name: &str) -> Result<Self> {
        let Some(scenario) = ALL.into_iter().find(|scenario| scenario.name() == name) else {
            let known = ALL.map(Self::name).join(", ");
            bail!("`{name}` is not a scenario; there are {known}");
        };
        Ok(scenario)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Enqueue1 => "enqueue1",
            Self::Enqueue32 => "enqueue32",
            Self::Bulk => "bulk",
            Self::Drain => "drain",
            Self::Latency => "latency",
            Self::LatencyAcross => "latency_across",
            Self::EndToEnd => "e2e",
            Self::Idle => "idle",
        }
    }

    /// How many jobs, and by how many tasks or workers.
    pub(crate) fn cases(self, sizes: &Sizes) -> Vec<(usize, usize)> {
        match self {
            Self::Enqueue1 => vec![(sizes.of(5_000), 1)],
            Self::Enqueue32 => vec![(sizes.of(100_000), 32)],
            Self::Bulk => [1, 2, 4].map(|tasks| (sizes.of(200_000), tasks)).to_vec(),
            Self::Drain => [1, 10, 50].map(|workers| (sizes.of(100_000), workers)).to_vec(),
            Self::Latency => vec![(sizes.of(500), 1)],
            Self::LatencyAcross => vec![(sizes.of(200), 1)],
            Self::EndToEnd => vec![(sizes.of(20_000), 50)],
            Self::Idle => vec![(20, 20)],
        }
    }

    pub(crate) async fn run(
        self,
        target: &Target,
        n: usize,
        concurrency: usize,
    ) -> Result<Outcome> {
        let storage = target.fresh().await?;
        let outcome = match self {
            Self::Enqueue1 | Self::Enqueue32 => enqueue(&storage, n, concurrency).await,
            Self::Bulk => bulk(&storage, n, concurrency).await,
            Self::Drain => drain(&storage, n, concurrency).await,
            Self::Latency => latency::within(target, n).await,
            Self::LatencyAcross => latency::across(target, n).await,
            Self::EndToEnd => end_to_end(&storage, n, concurrency).await,
            Self::Idle => idle(target, &storage, n).await,
        };
        storage.close().await;
        outcome
    }
}

pub(crate) fn request(number: usize) -> JobRequest<Noop> {
    noop::job(number as u64, probe::payload())
}

pub(crate) fn rate(n: usize, since: Instant) -> f64 {
    n as f64 / since.elapsed().as_secs_f64()
}

pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// Each task stores one job after the other, and goes on when it is durable.
pub(crate) async fn enqueue(storage: &Storage, n: usize, tasks: usize) -> Result<Outcome> {
    let client = Client::new(storage.clone());
    let begin = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    for task in 0..tasks {
        let client = client.clone();
        running.spawn(async move {
            let mut latencies = Vec::with_capacity(n / tasks + 1);
            for number in (task..n).step_by(tasks) {
                let called = Instant::now();
                request(number).enqueue_with(&client).await?;
                latencies.push(milliseconds(called.elapsed()));
            }
            anyhow::Ok(latencies)
        });
    }
    let mut latencies = Vec::with_capacity(n);
    while let Some(task) = running.join_next().await {
        latencies.extend(task??);
    }
    Ok(Outcome { latencies, ..Outcome::rate(rate(n, begin)) })
}

pub(crate) async fn bulk(storage: &Storage, n: usize, tasks: usize) -> Result<Outcome> {
    let client = Client::new(storage.clone());
    let begin = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..tasks {
        let client = client.clone();
        running.spawn(async move { fill(&client, n / tasks, request).await });
    }
    while let Some(task) = running.join_next().await {
        task??;
    }
    Ok(Outcome::rate(rate(n, begin)))
}

/// Stores the requests of so many numbers.
pub(crate) async fn fill(
    client: &Client,
    n: usize,
    request: impl Fn(usize) -> JobRequest<Noop>,
) -> Result<()> {
    for start in (0..n).step_by(BULK) {
        client.enqueue_all((start..n.min(start + BULK)).map(&request)).await?;
    }
    Ok(())
}

pub(crate) async fn runtime(storage: &Storage, workers: usize) -> Result<Runtime> {
    Ok(Runtime::builder(storage.clone()).workers(workers).queues(["bench"]).start().await?)
}

async fn drain(storage: &Storage, n: usize, workers: usize) -> Result<Outcome> {
    fill(&Client::new(storage.clone()), n, request).await?;
    run_down(storage, n, workers).await
}

/// From the start of the runtime until the outcome of the last job is stored.
pub(crate) async fn run_down(storage: &Storage, n: usize, workers: usize) -> Result<Outcome> {
    let begin = Instant::now();
    let runtime = runtime(storage, workers).await?;
    runtime.drain().await?;
    let per_second = rate(n, begin);
    runtime.shutdown().await?;
    Ok(Outcome::rate(per_second))
}

/// From the first enqueue until the outcome of the last job is stored.
async fn end_to_end(storage: &Storage, n: usize, workers: usize) -> Result<Outcome> {
    let runtime = runtime(storage, workers).await?;
    let client = runtime.client().clone();
    let begin = Instant::now();
    let mut producers = tokio::task::JoinSet::new();
    for producer in 0..4 {
        let client = client.clone();
        producers.spawn(async move {
            for number in (producer..n).step_by(4) {
                request(number).enqueue_with(&client).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(producer) = producers.join_next().await {
        producer??;
    }
    runtime.drain().await?;
    let per_second = rate(n, begin);
    runtime.shutdown().await?;
    Ok(Outcome::rate(per_second))
}

/// Transactions a second of a server that has nothing to do, less those that the database has
/// without it: its own upkeep, and this probe.
async fn idle(target: &Target, storage: &Storage, seconds: usize) -> Result<Outcome> {
    let span = Duration::from_secs(seconds as u64);
    let without = transactions_in(target, span).await?;
    let runtime = runtime(storage, 10).await?;
    // The statistics of the database lag behind by up to a second.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let with = transactions_in(target, span).await?;
    runtime.shutdown().await?;
    let sent = (with - without).max(0);
    Ok(Outcome::rate(sent as f64 / span.as_secs_f64()))
}

/// Zero where the database does not count them.
async fn transactions_in(target: &Target, span: Duration) -> Result<i64> {
    let before = target.transactions().await?;
    tokio::time::sleep(span).await;
    let after = target.transactions().await?;
    Ok(after.zip(before).map_or(0, |(after, before)| after - before))
}
