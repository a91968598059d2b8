//! How many jobs a run has.

use crate::scenario::Scenario;

/// The numbers of jobs that keep one library busy for one to five seconds. They differ by
/// library: their rates lie up to three hundred times apart.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// Enqueued by one task.
    pub enqueue1: usize,
    /// Enqueued by 32 tasks.
    pub enqueue32: usize,
    /// Enqueued by the bulk call.
    pub bulk: usize,
    /// Drained by one worker, by ten, and by fifty.
    pub drain: [usize; 3],
    /// Enqueued while workers run.
    pub end_to_end: usize,
    /// Drained, each sleeping for a millisecond.
    pub work1ms: usize,
    /// Drained, with 10 KB of arguments.
    pub args10k: usize,
    /// Drained, half of them failing the first time.
    pub failing: usize,
}

impl Sizes {
    /// The number of jobs of one run.
    #[must_use]
    pub fn of(&self, scenario: Scenario, workers: usize) -> usize {
        match (scenario, workers) {
            (Scenario::Enqueue1, _) => self.enqueue1,
            (Scenario::Enqueue32, _) => self.enqueue32,
            (Scenario::Bulk, _) => self.bulk,
            (Scenario::Drain, 1) => self.drain[0],
            (Scenario::Drain, 2..=10) => self.drain[1],
            (Scenario::Drain | Scenario::HeldOpen | Scenario::TwoProcesses, _) => self.drain[2],
            (Scenario::Latency, _) => 200,
            (Scenario::EndToEnd, _) => self.end_to_end,
            (Scenario::Work1ms, _) => self.work1ms,
            (Scenario::Args10k, _) => self.args10k,
            (Scenario::Failing, _) => self.failing,
            (Scenario::Backlog1m, _) => 1_000_000,
        }
    }
}
