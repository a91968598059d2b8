//! Schedules that recur.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, Utc};
use jobs_cron::Schedule;
use jobs_runtime::{Client, JobId, JobState, RecurringRecord};

use super::{Page, page};
use crate::app::App;
use crate::failure::Failure;
use crate::format::to_the_second;
use crate::visit::Visit;

/// The fires that a line shows.
const FIRES: usize = 5;
/// The past runs that a strip shows.
const RUNS: u32 = 20;

#[derive(Template)]
#[template(path = "recurring.html")]
struct Recurring {
    v: Visit,
    schedules: Vec<Line>,
}

struct Line {
    schedule: RecurringRecord,
    fires: Vec<DateTime<Utc>>,
    last: Option<(JobId, JobState)>,
    past: Vec<Past>,
}

/// A run that was due, or that somebody has triggered.
pub(super) struct Past {
    pub(super) at: DateTime<Utc>,
    /// `None` if it was left out.
    job: Option<JobId>,
    /// `None` if the job is not stored any longer.
    pub(super) state: Option<JobState>,
}

impl Past {
    /// The page of its job, if that has one.
    pub(super) fn path(&self) -> Option<String> {
        self.state.and(self.job).map(|job| format!("/jobs/{job}"))
    }

    pub(super) fn fate<'v>(&self, v: &'v Visit) -> &'v str {
        match (self.job, self.state) {
            (None, _) => v.t("recurring.left_out"),
            (_, None) => v.t("recurring.forgotten"),
            (_, Some(state)) => v.state_name(state),
        }
    }

    pub(super) fn text(&self, v: &Visit) -> String {
        format!("{}, {}", self.fate(v), to_the_second(self.at))
    }

    pub(super) fn class(&self) -> String {
        self.state.map_or_else(|| "state-gone".to_owned(), |state| format!("state-{state}"))
    }
}

/// The latest runs of these schedules, of each the oldest first.
pub(super) async fn past(
    client: &Client,
    ids: &[String],
) -> Result<HashMap<String, Vec<Past>>, Failure> {
    let runs = client.recurring().runs(ids, RUNS).await?;
    let jobs: Vec<JobId> = runs.iter().filter_map(|run| run.job).collect();
    let states = client.states(&jobs).await?;
    let mut past: HashMap<String, Vec<Past>> = HashMap::new();
    for run in runs.into_iter().rev() {
        let state = run.job.and_then(|job| states.get(&job).copied());
        past.entry(run.schedule).or_default().push(Past { at: run.at, job: run.job, state });
    }
    Ok(past)
}

pub(crate) async fn show(v: Visit, State(app): State<App>) -> Page {
    let schedules = app.client.recurring().list().await?;
    let last: Vec<JobId> = schedules.iter().filter_map(|schedule| schedule.last_job).collect();
    let states = app.client.states(&last).await?;
    let ids: Vec<String> = schedules.iter().map(|schedule| schedule.id.clone()).collect();
    let mut past = past(&app.client, &ids).await?;
    let line = |schedule: RecurringRecord| Line {
        fires: fires(&schedule.cron, &schedule.tz).unwrap_or_default(),
        last: schedule.last_job.and_then(|job| Some((job, *states.get(&job)?))),
        past: past.remove(&schedule.id).unwrap_or_default(),
        schedule,
    };
    page(&Recurring { schedules: schedules.into_iter().map(line).collect(), v })
}

/// The next fires of an expression, or what is wrong with it.
pub(super) fn fires(cron: &str, tz: &str) -> Result<Vec<DateTime<Utc>>, Failure> {
    let schedule =
        Schedule::parse(cron, tz).map_err(|error| Failure::Refused(error.to_string()))?;
    Ok(schedule.upcoming(Utc::now()).take(FIRES).collect())
}
