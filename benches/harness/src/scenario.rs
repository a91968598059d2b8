//! What is measured.

use clap::ValueEnum;

/// One way of using a library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Scenario {
    /// One task that enqueues one job after the other
    Enqueue1,
    /// 32 tasks that do so; each call returns when its job is durable
    Enqueue32,
    /// The bulk call of the library, with 5,000 jobs in each
    Bulk,
    /// Waiting jobs that do nothing, until the last outcome is stored
    Drain,
    /// From the call of enqueue to the job's first line, one job each 20 ms
    Latency,
    /// Four tasks enqueue while the workers run, until the last outcome is stored
    #[value(name = "e2e")]
    EndToEnd,
    /// As drain; each job sleeps for a millisecond
    Work1ms,
    /// As drain; each job has 10 KB of arguments
    Args10k,
    /// As drain; half of the jobs fail the first time
    Failing,
    /// The first 50,000 of a million waiting jobs
    Backlog1m,
    /// As drain, while a foreign transaction is kept open that is older than the jobs
    HeldOpen,
    /// As drain, by two processes that share the workers
    TwoProcesses,
}

impl Scenario {
    /// Its name on the command line and in results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Enqueue1 => "enqueue1",
            Self::Enqueue32 => "enqueue32",
            Self::Bulk => "bulk",
            Self::Drain => "drain",
            Self::Latency => "latency",
            Self::EndToEnd => "e2e",
            Self::Work1ms => "work1ms",
            Self::Args10k => "args10k",
            Self::Failing => "failing",
            Self::Backlog1m => "backlog1m",
            Self::HeldOpen => "held_open",
            Self::TwoProcesses => "two_processes",
        }
    }

    /// The numbers of workers, or of tasks that enqueue, with which a process is measured.
    #[must_use]
    pub fn concurrencies(self) -> &'static [usize] {
        match self {
            Self::Enqueue1 | Self::Bulk => &[1],
            Self::Enqueue32 => &[32],
            Self::Drain => &[1, 10, 50],
            Self::Latency => &[10],
            Self::TwoProcesses => &[25],
            _ => &[50],
        }
    }

    /// Whether jobs are waiting before the measurement begins.
    #[must_use]
    pub fn is_filled(self) -> bool {
        !matches!(
            self,
            Self::Enqueue1 | Self::Enqueue32 | Self::Bulk | Self::Latency | Self::EndToEnd
        )
    }

    /// How many characters the payload of a job has. With the rest of its arguments 60 are about
    /// 90 bytes of JSON.
    #[must_use]
    pub fn payload(self) -> usize {
        if self == Self::Args10k { 10_000 } else { 60 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_command_line() {
        for scenario in Scenario::value_variants() {
            let value = scenario.to_possible_value().expect("no scenario is hidden");
            assert_eq!(value.get_name(), scenario.name());
        }
    }
}
