//! Lists of jobs.

use askama::Template;
use axum::extract::State;
use jobs_runtime::{Client, Counts, Cursor, JobRecord, JobState};

use super::filter::{Filter, STATES};
use super::{Page, page};
use crate::app::App;
use crate::failure::Failure;
use crate::fields::Asked;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "jobs.html")]
struct Jobs {
    v: Visit,
    filter: Filter,
    state: Option<JobState>,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    kinds: Vec<String>,
    queues: Vec<String>,
    next: Option<String>,
    complete: bool,
    first: bool,
}

struct Tab {
    state: &'static str,
    path: String,
    count: u64,
    here: bool,
}

/// A job of a list.
pub(crate) struct Row {
    pub(crate) job: JobRecord,
    /// What an action on it is conditional on.
    pub(crate) seen: String,
}

impl Row {
    pub(crate) fn of(job: JobRecord) -> Self {
        Self { seen: seen(&job), job }
    }
}

/// A job and its placement, as forms carry them.
pub(crate) fn seen(job: &JobRecord) -> String {
    format!("{}:{}:{}", job.id, job.placement.state, job.placement.version)
}

pub(crate) async fn show(v: Visit, State(app): State<App>, Asked(fields): Asked) -> Page {
    let filter = Filter::of(&fields);
    let mut search = filter.to_search()?;
    let after: Option<Cursor> = fields.parse("after")?;
    let first = after.is_none();
    if let Some(after) = after {
        search = search.after(after);
    }
    let found = app.client.search(&search).await?;
    let next = found.next.as_ref().map(|next| filter.path_after(next));
    let (kinds, queues) = names(&app.client).await?;
    page(&Jobs {
        tabs: tabs(&app.client.counts().await?, &filter),
        state: filter.job_state()?,
        rows: found.jobs.into_iter().map(Row::of).collect(),
        complete: found.complete,
        v,
        filter,
        kinds,
        queues,
        next,
        first,
    })
}

/// What the fields of the filter offer.
async fn names(client: &Client) -> Result<(Vec<String>, Vec<String>), Failure> {
    let kinds = client.kinds().await?;
    let mut queues: Vec<String> = kinds.iter().map(|kind| kind.queue.clone()).collect();
    queues.extend(client.queues().await?.into_iter().map(|queue| queue.name));
    queues.sort_unstable();
    queues.dedup();
    Ok((kinds.into_iter().map(|kind| kind.name).collect(), queues))
}

fn tabs(counts: &Counts, filter: &Filter) -> Vec<Tab> {
    let tab = |state: JobState| Tab {
        state: state.as_str(),
        path: Filter { state: state.to_string(), ..filter.clone() }.path(),
        count: count_of(counts, state),
        here: filter.state == state.as_str(),
    };
    STATES.into_iter().map(tab).collect()
}

pub(crate) fn count_of(counts: &Counts, state: JobState) -> u64 {
    match state {
        JobState::Enqueued => counts.enqueued,
        JobState::Scheduled => counts.scheduled,
        JobState::Awaiting => counts.awaiting,
        JobState::Processing => counts.processing,
        JobState::Succeeded => counts.succeeded,
        JobState::Failed => counts.failed,
        JobState::Deleted => counts.deleted,
    }
}
