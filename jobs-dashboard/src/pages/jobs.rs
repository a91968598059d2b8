//! Lists of jobs.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use jobs_runtime::{
    Client, Counts, Cursor, EdgeRecord, Holder, JobFailure, JobId, JobRecord, JobState, LastRun,
};

use super::batch::trigger_key;
use super::filter::{Filter, RETRIES, STATES};
use super::servers::Names;
use super::{Page, page};
use crate::app::App;
use crate::failure::Failure;
use crate::fields::Asked;
use crate::format::Moment;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "jobs.html")]
struct Jobs {
    v: Visit,
    filter: Filter,
    state: Option<JobState>,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    servers: Names,
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
struct Row {
    job: JobRecord,
    /// Of a job that has settled, or waits to be tried again.
    run: Option<LastRun>,
    /// Why its last run failed, while it waits to be tried again.
    failure: Option<JobFailure>,
    /// Who has it, while it is processing.
    holder: Option<Holder>,
    /// What it waits for.
    parents: Vec<EdgeRecord>,
    /// What an action on it is conditional on.
    seen: String,
}

/// Jobs with what else a list of their state tells.
async fn rows(client: &Client, jobs: Vec<JobRecord>) -> Result<Vec<Row>, Failure> {
    let of = |is: fn(JobState) -> bool| {
        let jobs = jobs.iter().filter(move |job| is(job.placement.state));
        jobs.map(|job| job.id).collect::<Vec<JobId>>()
    };
    let mut runs: HashMap<JobId, LastRun> = client
        .last_runs(&of(|state| state.is_settled() || state == JobState::Scheduled))
        .await?
        .into_iter()
        .map(|run| (run.job, run))
        .collect();
    let awaiting = of(|state| state == JobState::Awaiting);
    let mut parents: HashMap<JobId, Vec<EdgeRecord>> = HashMap::new();
    if !awaiting.is_empty() {
        for edge in client.edges_to(&awaiting).await? {
            parents.entry(edge.child).or_default().push(edge);
        }
    }
    let tried: Vec<JobId> = jobs
        .iter()
        .filter(|job| job.placement.state == JobState::Scheduled && runs.contains_key(&job.id))
        .map(|job| job.id)
        .collect();
    let mut failures = client.last_failures(&tried).await?;
    let mut holders = client.holders(&jobs).await?;
    let row = |job: JobRecord| Row {
        failure: job.failure.clone().or_else(|| failures.remove(&job.id)),
        holder: holders.remove(&job.id),
        run: runs.remove(&job.id),
        parents: parents.remove(&job.id).unwrap_or_default(),
        seen: seen(&job),
        job,
    };
    Ok(jobs.into_iter().map(row).collect())
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
    let (kinds, queues) = names(&app).await?;
    page(&Jobs {
        tabs: tabs(&app.counts().await?, &filter),
        state: filter.job_state()?,
        rows: rows(&app.client, found.jobs).await?,
        servers: Names::of(&app).await?,
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
async fn names(app: &App) -> Result<(Vec<String>, Vec<String>), Failure> {
    let kinds = app.announced().await?;
    let mut queues: Vec<String> = kinds.iter().map(|kind| kind.queue.clone()).collect();
    queues.extend(app.client.waiting_queues().await?);
    queues.sort_unstable();
    queues.dedup();
    Ok((kinds.into_iter().map(|kind| kind.name).collect(), queues))
}

impl Jobs {
    /// Whether its jobs may have run.
    fn tells_of_runs(&self) -> bool {
        self.state.is_none_or(JobState::is_settled)
    }

    /// Whether its jobs have, or had, a server.
    fn tells_of_servers(&self) -> bool {
        use JobState::{Failed, Processing, Succeeded};
        matches!(self.state, Some(Processing | Succeeded | Failed))
    }

    fn server(&self, row: &Row) -> String {
        let held = row.holder.map(|holder| holder.server);
        let ran = || row.run.as_ref().and_then(|run| run.server);
        held.or_else(ran).map_or_else(|| "–".to_owned(), |server| self.servers.name(server))
    }

    fn when(&self, row: &Row) -> Moment {
        match row.holder {
            Some(holder) => self.v.time(holder.since),
            None => self.v.when(&row.job),
        }
    }

    fn trigger(&self, edge: &EdgeRecord) -> &str {
        self.v.t(trigger_key(edge.trigger))
    }
}

fn tabs(counts: &Counts, filter: &Filter) -> Vec<Tab> {
    let tab = |(state, count)| Tab {
        state,
        path: Filter { state: str::to_owned(state), ..filter.clone() }.path(),
        count,
        here: filter.state == state,
    };
    listed(counts).into_iter().map(tab).collect()
}

/// The lists of jobs, by state, in the order in which they are shown, with their lengths.
pub(crate) fn listed(counts: &Counts) -> Vec<(&'static str, u64)> {
    let mut lists = Vec::with_capacity(STATES.len() + 1);
    for state in STATES {
        lists.push((state.as_str(), counts.of(state)));
        if state == JobState::Scheduled {
            lists.push((RETRIES, counts.retries));
        }
    }
    lists
}
