//! Which jobs a command is about.

use chrono::{DateTime, Utc};
use clap::Args;
use jobs_runtime::{JobFilter, JobState};

use crate::values;

#[derive(Debug, Args)]
#[command(next_help_heading = "Which jobs")]
pub(crate) struct Filter {
    /// In this state; may be repeated
    #[arg(long, value_parser = values::state, value_name = "STATE")]
    state: Vec<JobState>,

    /// Scheduled for another attempt, since a run has failed
    #[arg(long)]
    retrying: bool,

    /// Of this kind; may be repeated
    #[arg(long)]
    kind: Vec<String>,

    /// Of this queue; may be repeated
    #[arg(long)]
    queue: Vec<String>,

    /// With this tag; repeated, with all of them
    #[arg(long)]
    tag: Vec<String>,

    /// With this text in the arguments, in either case
    #[arg(long)]
    text: Option<String>,

    /// Stored at this instant or later
    #[arg(long, value_parser = values::instant, value_name = "RFC3339")]
    created_after: Option<DateTime<Utc>>,

    /// Stored before this instant
    #[arg(long, value_parser = values::instant, value_name = "RFC3339")]
    created_before: Option<DateTime<Utc>>,

    /// Settled at this instant or later
    #[arg(long, value_parser = values::instant, value_name = "RFC3339")]
    finished_after: Option<DateTime<Utc>>,

    /// Settled before this instant
    #[arg(long, value_parser = values::instant, value_name = "RFC3339")]
    finished_before: Option<DateTime<Utc>>,
}

impl Filter {
    pub(crate) fn to_jobs(&self) -> JobFilter {
        let mut filter = JobFilter::new();
        for state in &self.state {
            filter = filter.state(*state);
        }
        if self.retrying {
            filter = filter.retrying();
        }
        for kind in &self.kind {
            filter = filter.kind(kind);
        }
        for queue in &self.queue {
            filter = filter.queue(queue);
        }
        for tag in &self.tag {
            filter = filter.tag(tag);
        }
        if let Some(text) = &self.text {
            filter = filter.text(text);
        }
        filter = match (self.created_after, self.created_before) {
            (None, None) => filter,
            (Some(from), None) => filter.created(from..),
            (None, Some(to)) => filter.created(..to),
            (Some(from), Some(to)) => filter.created(from..to),
        };
        match (self.finished_after, self.finished_before) {
            (None, None) => filter,
            (Some(from), None) => filter.finished(from..),
            (None, Some(to)) => filter.finished(..to),
            (Some(from), Some(to)) => filter.finished(from..to),
        }
    }

    /// Whether it is about all jobs.
    pub(crate) fn is_empty(&self) -> bool {
        let names = [&self.kind, &self.queue, &self.tag];
        let times =
            [self.created_after, self.created_before, self.finished_after, self.finished_before];
        self.state.is_empty()
            && !self.retrying
            && self.text.is_none()
            && names.iter().all(|names| names.is_empty())
            && times.iter().all(Option::is_none)
    }
}
