//! The command line that all programs share.

use clap::{Parser, ValueEnum};

use crate::scenario::Scenario;

/// Does one run of one scenario, and prints one line of JSON.
#[derive(Debug, Clone, Parser)]
pub struct Options {
    /// What is measured
    #[arg(long, value_enum)]
    pub scenario: Scenario,

    /// How many jobs; by default as many as keep this library busy for a few seconds
    #[arg(long)]
    pub jobs: Option<usize>,

    /// How many workers, or tasks that enqueue
    #[arg(long)]
    concurrency: Option<usize>,

    /// Where the jobs are stored: `postgres://…`, or `sqlite://` and the path of a file
    #[arg(long)]
    pub url: String,

    /// Do only this part of the run
    #[arg(long, value_enum)]
    step: Option<Step>,
}

/// A part of a run, in the order in which they are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Step {
    /// Make the tables
    Migrate,
    /// Store the jobs that have to be waiting
    Fill,
    /// Do what is measured
    Measure,
}

impl Step {
    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Migrate => "migrate",
            Self::Fill => "fill",
            Self::Measure => "measure",
        }
    }
}

impl Options {
    /// How many workers, or tasks that enqueue.
    #[must_use]
    pub fn concurrency(&self) -> usize {
        let usual = self.scenario.concurrencies().first().copied();
        self.concurrency.or(usual).unwrap_or(1).max(1)
    }

    /// The kind of storage, which is the scheme of its address.
    #[must_use]
    pub fn storage(&self) -> &str {
        self.url.split_once(':').map_or(self.url.as_str(), |(scheme, _)| scheme)
    }

    pub(crate) fn fills(&self) -> bool {
        self.step.is_none_or(|step| step == Step::Fill)
    }

    pub(crate) fn measures(&self) -> bool {
        self.step.is_none_or(|step| step == Step::Measure)
    }
}
