//! One measured run, and the choice among several.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::task::JoinSet;

/// How often each run is repeated; the median counts.
pub(crate) const REPEATS: usize = 3;

/// A run of one scenario on some number of connections.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) jobs: usize,
    pub(crate) connections: usize,
    elapsed: Duration,
    /// Of each call, ascending.
    latencies: Vec<Duration>,
}

/// What one connection did.
#[derive(Debug, Default)]
pub(crate) struct Work {
    jobs: usize,
    latencies: Vec<Duration>,
}

impl Work {
    /// Notes a call that began at `started` and dealt with `jobs` jobs.
    pub(crate) fn note(&mut self, started: Instant, jobs: usize) {
        self.latencies.push(started.elapsed());
        self.jobs += jobs;
    }
}

impl Run {
    /// Runs all tasks, one for each connection, and takes the time until the last is done.
    pub(crate) async fn measure<F>(tasks: impl IntoIterator<Item = F>) -> Result<Self>
    where
        F: Future<Output = Result<Work>> + Send + 'static,
    {
        let started = Instant::now();
        let mut tasks: JoinSet<F::Output> = tasks.into_iter().collect();
        let connections = tasks.len();
        let mut all = Work::default();
        while let Some(work) = tasks.join_next().await {
            let work = work.context("a connection's task ended early")??;
            all.jobs += work.jobs;
            all.latencies.extend(work.latencies);
        }
        let elapsed = started.elapsed();
        all.latencies.sort_unstable();
        Ok(Self { jobs: all.jobs, connections, elapsed, latencies: all.latencies })
    }

    pub(crate) fn jobs_per_second(&self) -> f64 {
        self.jobs as f64 / self.elapsed.as_secs_f64()
    }

    /// The latency that `percent` of the calls did not exceed.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.latencies.len() * percent).div_ceil(100);
        self.latencies.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }
}

/// The median by rate.
pub(crate) fn median(mut runs: Vec<Run>) -> Option<Run> {
    runs.sort_by(|a, b| a.jobs_per_second().total_cmp(&b.jobs_per_second()));
    let middle = runs.len() / 2;
    runs.into_iter().nth(middle)
}

/// The fastest.
pub(crate) fn best(runs: Vec<Run>) -> Option<Run> {
    runs.into_iter().max_by(|a, b| a.jobs_per_second().total_cmp(&b.jobs_per_second()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(jobs: usize, latencies: impl Iterator<Item = u64>) -> Run {
        let latencies = latencies.map(Duration::from_millis).collect();
        Run { jobs, connections: 1, elapsed: Duration::from_secs(1), latencies }
    }

    #[test]
    fn percentiles_are_calls_that_happened() {
        let run = run(1, 1..=200);
        assert_eq!(run.percentile(50), Duration::from_millis(100));
        assert_eq!(run.percentile(99), Duration::from_millis(198));
    }

    #[test]
    fn the_median_and_the_best_go_by_rate() {
        let runs = || [30, 10, 20].map(|jobs| run(jobs, 0..0)).into();
        assert_eq!(median(runs()).map(|run| run.jobs), Some(20));
        assert_eq!(best(runs()).map(|run| run.jobs), Some(30));
    }
}
