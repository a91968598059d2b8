//! What a job does, and what is noted when it does.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::scenario::Scenario;

static WORK: OnceLock<Work> = OnceLock::new();

/// Stands for "has not arrived".
const NEVER: u64 = u64::MAX;

struct Work {
    scenario: Scenario,
    zero: Instant,
    /// Jobs that have come to a good end in this process.
    finished: AtomicU64,
    /// For each job, the nanoseconds from `zero` to its first line.
    arrivals: Vec<AtomicU64>,
    /// For each job, whether it has failed.
    failures: Vec<AtomicBool>,
}

/// Says which scenario the jobs of this process belong to.
pub(crate) fn begin(scenario: Scenario, jobs: usize) {
    let timed = if scenario == Scenario::Latency { jobs } else { 0 };
    let failing = if scenario == Scenario::Failing { jobs } else { 0 };
    WORK.get_or_init(|| Work {
        scenario,
        zero: Instant::now(),
        finished: AtomicU64::new(0),
        arrivals: (0..timed).map(|_| AtomicU64::new(NEVER)).collect(),
        failures: (0..failing).map(|_| AtomicBool::new(false)).collect(),
    });
}

/// The error of a job whose first attempt is meant to fail.
#[derive(Debug)]
pub struct FirstAttempt(u64);

impl std::fmt::Display for FirstAttempt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "job {} fails the first time", self.0)
    }
}

impl std::error::Error for FirstAttempt {}

/// What a job does. Every library's handler calls this and nothing else.
///
/// # Errors
/// [`FirstAttempt`], which the handler hands to its library as an error that is to be retried.
pub async fn perform(number: u64) -> Result<(), FirstAttempt> {
    let Some(work) = WORK.get() else { return Ok(()) };
    let slot = usize::try_from(number).unwrap_or(usize::MAX);
    if let Some(arrival) = work.arrivals.get(slot) {
        arrival.fetch_min(nanoseconds(work.zero.elapsed()), Ordering::AcqRel);
    }
    match work.scenario {
        Scenario::Work1ms => tokio::time::sleep(Duration::from_millis(1)).await,
        Scenario::Failing if number % 2 == 1 && work.fails(slot) => {
            return Err(FirstAttempt(number));
        }
        _ => {}
    }
    work.finished.fetch_add(1, Ordering::AcqRel);
    Ok(())
}

impl Work {
    /// Whether this is the first attempt of a job.
    fn fails(&self, slot: usize) -> bool {
        self.failures.get(slot).is_some_and(|failed| !failed.swap(true, Ordering::AcqRel))
    }
}

/// How many jobs have come to a good end in this process.
pub(crate) fn finished() -> usize {
    let finished = WORK.get().map_or(0, |work| work.finished.load(Ordering::Acquire));
    usize::try_from(finished).unwrap_or(usize::MAX)
}

/// How long after an instant a job has reached its first line, if it has.
pub(crate) fn arrived_after(number: usize, instant: Instant) -> Option<Duration> {
    let work = WORK.get()?;
    let arrival = work.arrivals.get(number)?.load(Ordering::Acquire);
    let called = instant.saturating_duration_since(work.zero);
    (arrival != NEVER).then(|| Duration::from_nanos(arrival).saturating_sub(called))
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(NEVER)
}
