//! The scenarios, the same for every library.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Result;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::line::Line;
use crate::options::Options;
use crate::peer::{Args, Peer};
use crate::scenario::Scenario;
use crate::work;

/// The pause between two jobs whose latency is measured.
const CALM: Duration = Duration::from_millis(20);

/// Jobs before those whose latency is measured, so that connections and statements are there.
const WARM_UP: usize = 10;

/// How long started workers get to come to rest, where they have to wait for jobs.
const REST: Duration = Duration::from_secs(1);

/// Tasks that enqueue while workers run.
const PRODUCERS: usize = 4;

/// How many jobs of a long backlog are run.
const FIRST_OF_BACKLOG: usize = 50_000;

/// How long a process that shares the work has to be without a job before it asks whether
/// any is left.
const WITHOUT_JOB: Duration = Duration::from_millis(10);

/// What one step showed.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    jobs: usize,
    took: Option<Duration>,
    /// Of single operations, where they are timed.
    latencies: Vec<Duration>,
    /// On the clock that processes share.
    span: Option<(SystemTime, SystemTime)>,
    note: Option<String>,
}

impl Measured {
    fn new(jobs: usize, took: Duration) -> Self {
        Self { jobs, took: Some(took), ..Self::default() }
    }

    pub(crate) fn left_out(reason: &str) -> Self {
        Self { note: Some(reason.to_owned()), ..Self::default() }
    }

    pub(crate) fn stalled(jobs: usize) -> Self {
        let note = format!("stalled: {} of {jobs} jobs in 60 s", work::finished());
        Self { jobs, note: Some(note), ..Self::default() }
    }

    pub(crate) fn into_line<P: Peer>(mut self, options: &Options) -> Line {
        let took = self.took.map(|took| took.as_secs_f64());
        self.latencies.sort_unstable();
        let seconds = |time: SystemTime| {
            time.duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64())
        };
        Line {
            peer: P::NAME.to_owned(),
            version: P::VERSION.to_owned(),
            storage: options.storage().to_owned(),
            keeps_history: P::KEEPS_HISTORY,
            scenario: options.scenario.name().to_owned(),
            n: self.jobs,
            concurrency: options.concurrency(),
            jobs_per_s: took.map(|took| self.jobs as f64 / took),
            p50_ms: percentile(&self.latencies, 0.50),
            p99_ms: percentile(&self.latencies, 0.99),
            began: self.span.map(|(began, _)| seconds(began)),
            ended: self.span.map(|(_, ended)| seconds(ended)),
            note: self.note,
        }
    }
}

pub(crate) async fn measure<P: Peer>(
    peer: &Arc<P>,
    scenario: Scenario,
    jobs: usize,
    workers: usize,
) -> Result<Measured> {
    match scenario {
        Scenario::Enqueue1 | Scenario::Enqueue32 => enqueue(peer, jobs, workers).await,
        Scenario::Bulk => bulk(peer, jobs).await,
        Scenario::Latency => latency(peer, jobs, workers).await,
        Scenario::EndToEnd => end_to_end(peer, jobs, workers).await,
        Scenario::Backlog1m => backlog(peer, jobs, workers).await,
        Scenario::TwoProcesses => share(peer, jobs, workers).await,
        Scenario::Drain
        | Scenario::Work1ms
        | Scenario::Args10k
        | Scenario::Failing
        | Scenario::HeldOpen => drain(peer, jobs, workers).await,
    }
}

/// Each task stores one job after the other, and goes on when it is durable.
async fn enqueue<P: Peer>(peer: &Arc<P>, jobs: usize, tasks: usize) -> Result<Measured> {
    let begin = Instant::now();
    let latencies = enqueue_by(peer, jobs, tasks).await?;
    Ok(Measured { latencies, ..Measured::new(jobs, begin.elapsed()) })
}

/// Gives how long each call took.
async fn enqueue_by<P: Peer>(peer: &Arc<P>, jobs: usize, tasks: usize) -> Result<Vec<Duration>> {
    let payload = Scenario::Enqueue1.payload();
    let mut running = JoinSet::new();
    for task in 0..tasks {
        let peer = Arc::clone(peer);
        running.spawn(async move {
            let mut latencies = Vec::with_capacity(jobs / tasks + 1);
            for number in (task..jobs).step_by(tasks) {
                let called = Instant::now();
                peer.enqueue(Args::new(number, payload)).await?;
                latencies.push(called.elapsed());
            }
            anyhow::Ok(latencies)
        });
    }
    let mut latencies = Vec::with_capacity(jobs);
    while let Some(task) = running.join_next().await {
        latencies.extend(task??);
    }
    Ok(latencies)
}

async fn bulk<P: Peer>(peer: &Arc<P>, jobs: usize) -> Result<Measured> {
    let begin = Instant::now();
    peer.enqueue_in_bulk(jobs, Scenario::Bulk.payload()).await?;
    Ok(Measured::new(jobs, begin.elapsed()))
}

/// From the start of the workers until the last outcome is stored.
async fn drain<P: Peer>(peer: &Arc<P>, jobs: usize, workers: usize) -> Result<Measured> {
    let begin = Instant::now();
    let _running = peer.start(workers).await?;
    until_finished(jobs).await;
    let end = until_stored(peer).await?;
    Ok(Measured::new(jobs, end - begin))
}

/// One job at a time, on workers that have come to rest.
async fn latency<P: Peer>(peer: &Arc<P>, jobs: usize, workers: usize) -> Result<Measured> {
    let payload = Scenario::Latency.payload();
    let _running = peer.start(workers).await?;
    sleep(REST).await;
    for number in jobs..jobs + WARM_UP {
        sleep(CALM).await;
        peer.enqueue(Args::new(number, payload)).await?;
    }
    let mut calls = Vec::with_capacity(jobs);
    let mut ticks = tokio::time::interval(CALM);
    let begin = Instant::now();
    for number in 0..jobs {
        ticks.tick().await;
        calls.push(Instant::now());
        peer.enqueue(Args::new(number, payload)).await?;
    }
    until_finished(jobs + WARM_UP).await;
    let took = begin.elapsed();
    let latencies = calls
        .into_iter()
        .enumerate()
        .filter_map(|(number, called)| work::arrived_after(number, called))
        .collect();
    Ok(Measured { latencies, ..Measured::new(jobs, took) })
}

/// From the first enqueue until the last outcome is stored.
async fn end_to_end<P: Peer>(peer: &Arc<P>, jobs: usize, workers: usize) -> Result<Measured> {
    let _running = peer.start(workers).await?;
    sleep(REST).await;
    let begin = Instant::now();
    enqueue_by(peer, jobs, PRODUCERS).await?;
    until_finished(jobs).await;
    let end = until_stored(peer).await?;
    Ok(Measured::new(jobs, end - begin))
}

/// From the start of the workers until some of very many jobs are done, by what is stored then.
async fn backlog<P: Peer>(peer: &Arc<P>, jobs: usize, workers: usize) -> Result<Measured> {
    let begin = Instant::now();
    let _running = peer.start(workers).await?;
    until_finished(FIRST_OF_BACKLOG.min(jobs)).await;
    let took = begin.elapsed();
    let left = usize::try_from(peer.unfinished().await?)?;
    Ok(Measured::new(jobs.saturating_sub(left), took))
}

/// From the start of the workers until nothing is left for any process.
async fn share<P: Peer>(peer: &Arc<P>, jobs: usize, workers: usize) -> Result<Measured> {
    let began = SystemTime::now();
    let begin = Instant::now();
    let _running = peer.start(workers).await?;
    let end = loop {
        let before = work::finished();
        sleep(WITHOUT_JOB).await;
        // The database is asked only now, since to count many waiting jobs costs it something.
        if work::finished() == before {
            let asked = Instant::now();
            if peer.unfinished().await? == 0 {
                break asked;
            }
        }
    };
    let took = end - begin;
    Ok(Measured { span: Some((began, began + took)), ..Measured::new(jobs, took) })
}

async fn until_finished(jobs: usize) {
    while work::finished() < jobs {
        sleep(Duration::from_millis(1)).await;
    }
}

/// Waits until the database knows that no job is left, and gives the instant of the question
/// that was answered so: the answer itself takes time, and is no part of the work.
async fn until_stored<P: Peer>(peer: &Arc<P>) -> Result<Instant> {
    loop {
        let asked = Instant::now();
        if peer.unfinished().await? == 0 {
            return Ok(asked);
        }
        sleep(Duration::from_millis(2)).await;
    }
}

/// In milliseconds, of sorted values.
fn percentile(values: &[Duration], share: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let index = (last as f64 * share).round() as usize;
    values.get(index).map(|value| value.as_secs_f64() * 1e3)
}
