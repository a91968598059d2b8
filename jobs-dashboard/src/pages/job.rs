//! One job.

use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use jobs_runtime::{
    BatchId, Client, EdgeRecord, Holder, JobId, JobRecord, JobState, LogLine, RunEnd, RunRecord,
    StepRecord,
};
use serde_json::Value;
use serde_json::value::RawValue;

use super::batch::trigger_key;
use super::jobs::seen;
use super::servers::Names;
use super::{Page, page};
use crate::app::App;
use crate::failure::Failure;
use crate::fields::Asked;
use crate::json;
use crate::visit::Visit;

/// The relatives that a page shows.
const RELATIVES: u32 = 50;
/// The lines of log that a page shows.
const LINES: u32 = 500;

#[derive(Template)]
#[template(path = "job.html")]
struct Job {
    v: Visit,
    job: JobRecord,
    seen: String,
    holder: Option<Holder>,
    servers: Names,
    runs: Vec<RunRecord>,
    moments: Vec<Happening>,
    log: Vec<LogLine>,
    /// Lines that are not shown.
    older: u64,
    output: Option<String>,
    batch: Option<BatchId>,
    code: String,
    parents: Vec<Relative>,
    children: Vec<Relative>,
    steps: Vec<StepRecord>,
    unique: Option<String>,
}

/// A job, or a batch, that this one waits for or that waits for it.
struct Relative {
    name: String,
    path: String,
    /// `None` if it is not stored any longer.
    state: Option<String>,
    trigger: &'static str,
    released: bool,
}

/// A line of the history.
struct Happening {
    at: DateTime<Utc>,
    state: &'static str,
    text: String,
    server: Option<i64>,
    took: Option<Duration>,
    /// Until the next one.
    until: Option<Duration>,
}

pub(crate) async fn show(v: Visit, State(app): State<App>, Path(id): Path<String>) -> Page {
    let id: JobId = id.parse().map_err(|_| Failure::Missing)?;
    let job = app.client.job(id).await?.ok_or(Failure::Missing)?;
    let (runs, events) = (app.client.runs(id).await?, app.client.events(id).await?);
    let mut moments = vec![Happening {
        at: job.created_at,
        state: "created",
        text: String::new(),
        server: None,
        took: None,
        until: None,
    }];
    moments.extend(runs.iter().map(|run| Happening {
        at: run.started_at,
        state: end_of(run.end),
        text: run.failure.as_ref().map(ToString::to_string).unwrap_or_default(),
        server: run.server,
        took: Some(run.took),
        until: None,
    }));
    moments.extend(events.into_iter().map(|event| Happening {
        at: event.at,
        state: event.to.as_str(),
        text: event.reason,
        server: event.server,
        took: None,
        until: None,
    }));
    moments.sort_by_key(|moment| moment.at);
    let ends: Vec<DateTime<Utc>> = moments.iter().skip(1).map(|moment| moment.at).collect();
    for (moment, end) in moments.iter_mut().zip(ends) {
        moment.until = (end - moment.at).to_std().ok();
    }
    let client = &app.client;
    let parents = relatives(client, client.edges_to(&[id]).await?, |edge| edge.parent).await?;
    let children = client.edges_from(id, RELATIVES).await?;
    let children = relatives(client, children, |edge| edge.child).await?;
    // What is refreshed does not hold the log, whose lines are asked for by themselves.
    let (log, older) = match v.is_refresh {
        true => (Vec::new(), 0),
        false => {
            let log = client.log_lines(id, None, LINES).await?;
            let length = client.log_length(id).await?;
            let older = length.saturating_sub(log.len() as u64);
            (log, older)
        }
    };
    let output = runs.iter().rev().find_map(|run| run.output.clone());
    page(&Job {
        seen: seen(&job),
        holder: client.holders([&job]).await?.remove(&id),
        servers: Names::of(&app).await?,
        output: output.filter(|_| job.placement.state == JobState::Succeeded),
        batch: batch_of(&job),
        code: code(&job),
        steps: client.steps(id).await?,
        unique: client.unique_key(id).await?,
        parents,
        children,
        v,
        job,
        runs,
        moments,
        log,
        older,
    })
}

#[derive(Template)]
#[template(path = "part/log_lines.html")]
struct Lines {
    v: Visit,
    log: Vec<LogLine>,
}

/// The lines of the log behind one, as the page shows them.
pub(crate) async fn lines(
    v: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Asked(fields): Asked,
) -> Page {
    let id: JobId = id.parse().map_err(|_| Failure::Missing)?;
    page(&Lines { log: app.client.log_lines(id, fields.parse("after")?, LINES).await?, v })
}

async fn relatives(
    client: &Client,
    edges: Vec<EdgeRecord>,
    other: impl Fn(&EdgeRecord) -> JobId,
) -> Result<Vec<Relative>, Failure> {
    let mut relatives = Vec::new();
    for edge in edges {
        let id = other(&edge);
        let (name, path, state) = match client.job(id).await? {
            Some(job) => (job.kind, format!("/jobs/{id}"), Some(job.placement.state.to_string())),
            None => match client.batch(BatchId::from(id.as_uuid())).await? {
                Some(batch) => {
                    (batch.name, format!("/batches/{id}"), Some(batch.state.to_string()))
                }
                None => (id.to_string(), format!("/jobs/{id}"), None),
            },
        };
        let (trigger, released) = (trigger_key(edge.trigger), edge.released);
        relatives.push(Relative { name, path, state, trigger, released });
    }
    Ok(relatives)
}

fn end_of(end: RunEnd) -> &'static str {
    match end {
        RunEnd::Succeeded => "succeeded",
        RunEnd::Snoozed => "snoozed",
        _ => "failed",
    }
}

/// The batch that the settings of a job name.
fn batch_of(job: &JobRecord) -> Option<BatchId> {
    let options: serde_json::Value = serde_json::from_str(job.options.as_deref()?).ok()?;
    options.get("batch")?.as_str()?.parse().ok()
}

/// What enqueues the same job again: a call of the helper, each argument as its JSON says it.
fn code(job: &JobRecord) -> String {
    let fields = json::fields(&job.args).unwrap_or_default();
    let args: Vec<String> = fields.iter().map(|(name, value)| argument(name, value)).collect();
    format!("{}::enqueue({}).await?;", job.kind, args.join(", "))
}

fn argument(name: &str, value: &RawValue) -> String {
    let json = value.get();
    match serde_json::from_str(json) {
        Ok(Value::String(text)) => format!("{text:?}"),
        Ok(Value::Number(_) | Value::Bool(_)) => json.to_owned(),
        Ok(Value::Null) => "None".to_owned(),
        _ => format!("/* {} */ serde_json::from_str({json:?})?", name.replace("*/", "")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_written_as_rust_reads_them() {
        let argument = |json: &str| argument("of", serde_json::from_str(json).expect("JSON"));
        assert_eq!(argument(r#""\u00fc\b\"""#), r#""ü\u{8}\"""#);
        assert_eq!(argument("12.50"), "12.50");
        assert_eq!(argument("null"), "None");
        assert_eq!(argument(r##"["\"#"]"##), r##"/* of */ serde_json::from_str("[\"\\\"#\"]")?"##);
    }
}
