//! What `requeue` and `delete` have in common: which jobs, and what is said afterwards.

use anyhow::Result;
use clap::Args;
use jobs_runtime::{Acted, ActedAll, JobFilter, JobId};
use serde_json::json;

use crate::exit::{Exit, Usage};
use crate::filter::Filter;
use crate::output::{Output, plain};

#[derive(Debug, Args)]
pub(crate) struct Which {
    /// The ids of the jobs
    ids: Vec<JobId>,

    /// All jobs that match; at least one condition is needed
    #[arg(long, conflicts_with = "ids")]
    all: bool,

    #[command(flatten)]
    filter: Filter,
}

/// The jobs that are acted on.
#[derive(Debug)]
pub(super) enum Chosen {
    Ids(Vec<JobId>),
    Matching(Box<JobFilter>),
}

impl Which {
    /// # Errors
    /// If the arguments do not say which jobs are meant.
    pub(super) fn chosen(self) -> Result<Chosen> {
        let problem = match (self.all, self.filter.is_empty(), self.ids.is_empty()) {
            (true, false, _) => return Ok(Chosen::Matching(Box::new(self.filter.to_jobs()))),
            (false, true, false) => return Ok(Chosen::Ids(self.ids)),
            (true, true, _) => {
                "--all needs a condition, for example --state failed; see `jobs help list`"
            }
            (false, false, _) => "conditions are for --all: give that, or the ids of jobs alone",
            (false, true, true) => "no jobs: give ids, or --all with a condition",
        };
        Err(Usage::new(problem).into())
    }
}

/// What was done to jobs by their ids.
#[derive(Debug, Default)]
pub(super) struct Tally {
    done: Vec<JobId>,
    unchanged: Vec<JobId>,
    not_found: Vec<JobId>,
}

impl Tally {
    /// Notes what was done to a job, and says why if that is nothing.
    pub(super) fn add(&mut self, id: JobId, acted: &Acted) {
        match acted {
            Acted::Done => self.done.push(id),
            Acted::Gone => {
                eprintln!("error: there is no job {id}");
                self.not_found.push(id);
            }
            Acted::MovedOn(now) => {
                eprintln!("job {id} is left alone: it is {} by now", now.state);
                self.unchanged.push(id);
            }
            Acted::Refused(reason) => {
                eprintln!("job {id} is left alone: {}", plain(reason));
                self.unchanged.push(id);
            }
            // The library may come to know others.
            _ => self.unchanged.push(id),
        }
    }

    pub(super) fn answer(&self, verb: &str, output: &mut Output) -> Result<Exit> {
        let answer = json!({
            "done": self.done,
            "unchanged": self.unchanged,
            "not_found": self.not_found,
        });
        output
            .answer(&answer, |people| people.line(format_args!("{verb}: {}", self.done.len())))?;
        Ok(match (self.not_found.is_empty(), self.unchanged.is_empty()) {
            (false, _) => Exit::NotFound,
            (true, false) => Exit::Unchanged,
            (true, true) => Exit::Done,
        })
    }
}

pub(super) fn answer_all(acted: ActedAll, verb: &str, output: &mut Output) -> Result<Exit> {
    let ActedAll { done, moved_on, refused, .. } = acted;
    let answer = json!({ "done": done, "moved_on": moved_on, "refused": refused });
    output.answer(&answer, |people| {
        people.line(format_args!("{verb}: {done}"))?;
        if moved_on > 0 {
            people.line(format_args!("left alone, since they had moved on: {moved_on}"))?;
        }
        if refused > 0 {
            people.line(format_args!("left alone, since their state forbids it: {refused}"))?;
        }
        Ok(())
    })?;
    Ok(Exit::Done)
}
