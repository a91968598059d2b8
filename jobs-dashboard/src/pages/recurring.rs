//! Schedules that recur.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, Utc};
use jobs_cron::Schedule;
use jobs_runtime::{JobId, JobState, RecurringRecord};

use super::{Page, page};
use crate::app::App;
use crate::failure::Failure;
use crate::visit::Visit;

/// The fires that a line shows.
const FIRES: usize = 5;

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
}

pub(crate) async fn show(v: Visit, State(app): State<App>) -> Page {
    let schedules = app.client.recurring().list().await?;
    let last: Vec<JobId> = schedules.iter().filter_map(|schedule| schedule.last_job).collect();
    let mut states = HashMap::new();
    for job in last {
        if let Some(record) = app.client.job(job).await? {
            states.insert(job, record.placement.state);
        }
    }
    let line = |schedule: RecurringRecord| Line {
        fires: fires(&schedule.cron, &schedule.tz).unwrap_or_default(),
        last: schedule.last_job.and_then(|job| Some((job, *states.get(&job)?))),
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
