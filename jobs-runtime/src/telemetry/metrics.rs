//! Numbers for whatever recorder the program installs, by the facade of the crate `metrics`.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ::metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use chrono::Utc;

use crate::client::Client;
use crate::error::Error;
use crate::job::State;
use crate::storage::{Claimed, NewJob, Outcome, Summary};

const STORED: &str = "jobs_enqueued_total";
const RUNS: &str = "jobs_runs_total";
const DURATION: &str = "jobs_run_duration_seconds";
const JOBS: &str = "jobs_stored";
const DEPTH: &str = "jobs_queue_depth";
const LATENCY: &str = "jobs_queue_latency_seconds";
const SERVERS: &str = "jobs_servers";
const WORKERS: &str = "jobs_workers";
const BUSY: &str = "jobs_workers_busy";

/// Says what each is, which recorders show.
pub(crate) fn describe() {
    describe_counter!(STORED, "Jobs that this process has stored");
    describe_counter!(RUNS, "Runs of jobs that have ended in this process, by outcome");
    describe_histogram!(DURATION, Unit::Seconds, "How long runs took in this process");
    describe_gauge!(JOBS, "Jobs in the storage, by state");
    describe_gauge!(DEPTH, "Jobs that wait for a worker, by queue");
    describe_gauge!(LATENCY, Unit::Seconds, "Age of the job that is next, by queue");
    describe_gauge!(SERVERS, "Servers that are alive");
    describe_gauge!(WORKERS, "Workers of the servers that are alive");
    describe_gauge!(BUSY, "Jobs that servers have in hand");
}

/// How many jobs of which kind a transaction has put into which queue.
#[derive(Debug, Default)]
pub(crate) struct StoredJobs(HashMap<(String, String), u64>);

impl StoredJobs {
    pub(crate) fn add(&mut self, jobs: &[NewJob]) {
        for job in jobs {
            let name = (job.kind.clone().into_owned(), job.queue.clone().into_owned());
            *self.0.entry(name).or_default() += 1;
        }
    }

    /// Counts them, once they are stored.
    pub(crate) fn count(&self) {
        for ((kind, queue), jobs) in &self.0 {
            counter!(STORED, "kind" => kind.clone(), "queue" => queue.clone()).increment(*jobs);
        }
    }
}

/// Counts a run that has ended.
pub(crate) fn ended(claimed: &Claimed, outcome: &Outcome, took: Duration) {
    let has_run = !matches!(outcome, Outcome::Expired);
    let outcome = match outcome {
        Outcome::Succeeded { .. } => "succeeded",
        Outcome::Retry { .. } => "retried",
        Outcome::Failed { .. } => "failed",
        Outcome::Dropped { .. } => "deleted",
        Outcome::Snoozed { .. } => "snoozed",
        Outcome::Expired => "expired",
        Outcome::Released { .. } => "released",
    };
    let (kind, queue) = (claimed.kind.clone(), claimed.queue.to_string());
    counter!(RUNS, "kind" => kind.clone(), "queue" => queue.clone(), "outcome" => outcome)
        .increment(1);
    if has_run {
        histogram!(DURATION, "kind" => kind, "queue" => queue).record(took);
    }
}

/// The queues that a gauge was set for: one that has emptied is set to 0 and not left as it was.
#[derive(Debug, Default)]
pub(crate) struct Seen(Mutex<BTreeSet<String>>);

impl Client {
    /// Sets the gauges that tell of the whole storage and not of this process: `jobs_stored` by
    /// state, `jobs_queue_depth` and `jobs_queue_latency_seconds` by queue, `jobs_servers`,
    /// `jobs_workers` and `jobs_workers_busy`. It counts what is stored, so call it when somebody
    /// asks, in the handler that answers Prometheus, or now and then; one process is enough.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn record_metrics(&self) -> Result<(), Error> {
        let Summary { counts, queues } = self.summary().await?;
        let servers = self.servers().await?;
        for state in State::ALL {
            gauge!(JOBS, "state" => state.as_str()).set(counts.of(state) as f64);
        }
        let mut emptied = {
            let mut seen = self.seen_queues().0.lock().unwrap_or_else(PoisonError::into_inner);
            let names = queues.iter().map(|queue| queue.name.clone()).collect();
            std::mem::replace(&mut *seen, names)
        };
        let now = Utc::now();
        for queue in queues {
            emptied.remove(&queue.name);
            let age = queue.oldest.and_then(|oldest| (now - oldest).to_std().ok());
            let depth = queue.waiting + queue.throttled;
            gauge!(DEPTH, "queue" => queue.name.clone()).set(depth as f64);
            gauge!(LATENCY, "queue" => queue.name).set(age.unwrap_or_default());
        }
        for name in emptied {
            gauge!(DEPTH, "queue" => name.clone()).set(0.0);
            gauge!(LATENCY, "queue" => name).set(0.0);
        }
        let alive = || servers.iter().filter(|server| !server.gone);
        gauge!(SERVERS).set(alive().count() as f64);
        gauge!(WORKERS).set(alive().map(|server| f64::from(server.workers)).sum::<f64>());
        gauge!(BUSY).set(counts.processing as f64);
        Ok(())
    }
}
