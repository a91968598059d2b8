//! How fast a server starts jobs, and so how many it may claim ahead of its workers.

use std::time::{Duration, Instant};

/// How far ahead of the workers jobs are claimed.
const AHEAD: Duration = Duration::from_millis(100);
/// The most jobs that are claimed ahead.
const MOST: usize = 4_000;
/// A longer span holds times without work, and says nothing about the pace.
const LONGEST_SPAN: Duration = Duration::from_secs(1);
/// The weight of the newest run in the mean length of runs is one in so many.
const INERTIA: u32 = 16;

/// Two estimates, of which the lower holds: what the workers could start, by the mean length of
/// their runs, and what they have started lately. The first knows after one run that jobs are
/// slow, before the second could; the second knows when they are slow for want of a processor.
#[derive(Debug)]
pub(super) struct Pace {
    workers: usize,
    /// The mean length of runs; `None` until one has ended.
    length: Option<Duration>,
    /// Starts a second over the last full span.
    measured: Option<f64>,
    span: Instant,
    starts: u32,
}

impl Pace {
    pub(super) fn new(workers: usize, now: Instant) -> Self {
        Self { workers, length: None, measured: None, span: now, starts: 0 }
    }

    pub(super) fn started(&mut self) {
        self.starts = self.starts.saturating_add(1);
    }

    pub(super) fn ended(&mut self, took: Duration) {
        self.length = Some(match self.length {
            None => took,
            Some(length) => length - length / INERTIA + took / INERTIA,
        });
    }

    /// How many jobs the workers will start in the next tenth of a second.
    pub(super) fn ahead(&mut self, now: Instant) -> usize {
        let span = now - self.span;
        if span >= AHEAD {
            let measured = f64::from(self.starts) / span.as_secs_f64();
            self.measured = (span <= LONGEST_SPAN).then_some(measured);
            (self.span, self.starts) = (now, 0);
        }
        let Some(length) = self.length else { return 0 };
        let possible = self.workers as f64 / length.as_secs_f64().max(1e-9);
        let rate = self.measured.map_or(possible, |measured| measured.min(possible));
        ((rate * AHEAD.as_secs_f64()) as usize).min(MOST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn slow_jobs_are_hardly_claimed_ahead_even_when_they_start_in_a_burst() {
        let now = Instant::now();
        let mut pace = Pace::new(5, now);
        (0..5).for_each(|_| pace.started());
        assert_eq!(pace.ahead(now + 2 * MS), 0);
        pace.ended(300 * MS);
        assert_eq!(pace.ahead(now + 3 * MS), 1);
    }

    #[test]
    fn quick_jobs_are_claimed_ahead_after_the_first() {
        let now = Instant::now();
        let mut pace = Pace::new(1, now);
        pace.ended(Duration::from_micros(1));
        assert_eq!(pace.ahead(now + MS), MOST);
    }

    #[test]
    fn jobs_that_wait_for_a_processor_are_claimed_at_the_pace_at_which_they_start() {
        let now = Instant::now();
        let mut pace = Pace::new(50, now);
        pace.ended(10 * MS);
        assert_eq!(pace.ahead(now), 500);
        (0..20).for_each(|_| pace.started());
        assert_eq!(pace.ahead(now + 100 * MS), 20);
    }
}
