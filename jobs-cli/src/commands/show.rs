//! `jobs show`

use std::io;

use anyhow::Result;
use clap::Args;
use jobs_runtime::{Client, History, JobFailure, JobId, JobRecord, RunEnd, RunRecord};
use serde_json::{Value, json};

use super::not_found;
use crate::exit::Exit;
use crate::output::{self, Output, People, Table};

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  jobs show 0199c9a4-7a3c-7d60-8f6b-1d2c3b4a5968 --json")]
pub(crate) struct Show {
    /// The id of the job
    id: JobId,
}

impl Show {
    pub(super) async fn run(self, client: &Client, output: &mut Output) -> Result<Exit> {
        let Some(job) = client.job(self.id).await? else { return Ok(not_found("job", self.id)) };
        let history = client.history(self.id).await?;
        output.answer(&to_json(&job, &history), |people| for_people(&job, &history, people))?;
        Ok(Exit::Done)
    }
}

fn to_json(job: &JobRecord, history: &History) -> Value {
    let runs: Vec<Value> = history.runs.iter().map(run_to_json).collect();
    let events = history.events.iter().map(|event| {
        json!({
            "at": event.at,
            "from": event.from,
            "to": event.to,
            "reason": event.reason,
            "server": event.server,
        })
    });
    let log =
        history.log.iter().map(|line| json!({ "at": line.at, "run": line.run, "text": line.text }));
    json!({
        "id": job.id,
        "kind": job.kind,
        "state": job.placement.state,
        "version": job.placement.version,
        "queue": job.queue,
        "priority": job.priority,
        "tags": job.tags,
        "created_at": job.created_at,
        "due_at": job.due_at,
        "finished_at": job.finished_at,
        "reason": job.reason,
        "failure": job.failure,
        "progress": job.progress.map(|(done, of)| json!({ "done": done, "of": of })),
        "args": output::json(&job.args),
        "options": job.options.as_deref().map(output::json),
        "input": job.input.as_deref().map(output::json),
        "runs": runs,
        "events": events.collect::<Vec<Value>>(),
        "log": log.collect::<Vec<Value>>(),
    })
}

fn run_to_json(run: &RunRecord) -> Value {
    json!({
        "run": run.run,
        "end": end(run.end),
        "server": run.server,
        "started_at": run.started_at,
        "took_seconds": run.took.as_secs_f64(),
        "output": run.output.as_deref().map(output::json),
        "failure": run.failure,
    })
}

fn for_people(job: &JobRecord, history: &History, people: &mut People<'_>) -> io::Result<()> {
    for (name, value) in fields(job) {
        people.line(format_args!("{name:<9} {value}"))?;
    }
    if let Some(failure) = &job.failure {
        people.heading("failure")?;
        show_failure(failure, people)?;
    }
    if !history.runs.is_empty() {
        people.heading("runs")?;
        people.table(&runs(&history.runs), "")?;
    }
    if !history.events.is_empty() {
        people.heading("events")?;
        people.table(&events(history), "")?;
    }
    if !history.log.is_empty() {
        people.heading("log")?;
        for line in &history.log {
            people.line(format_args!("{}  {}", output::instant(line.at), line.text))?;
        }
    }
    Ok(())
}

fn fields(job: &JobRecord) -> impl Iterator<Item = (&'static str, String)> {
    let progress = job.progress.map(|(done, of)| format!("{done} of {of}"));
    [
        ("id", Some(job.id.to_string())),
        ("kind", Some(job.kind.clone())),
        ("state", Some(job.placement.state.to_string())),
        ("queue", Some(format!("{}, priority {}", job.queue, job.priority))),
        ("created", Some(output::instant(job.created_at))),
        ("due", job.due_at.map(output::instant)),
        ("finished", job.finished_at.map(output::instant)),
        ("reason", job.reason.clone()),
        ("tags", Some(job.tags.join(", ")).filter(|tags| !tags.is_empty())),
        ("progress", progress),
        ("args", Some(job.args.clone())),
        ("options", job.options.clone()),
        ("input", job.input.clone()),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
}

fn show_failure(failure: &JobFailure, people: &mut People<'_>) -> io::Result<()> {
    people.line(&failure.message)?;
    for source in &failure.sources {
        people.line(format_args!("  because: {source}"))?;
    }
    for line in failure.backtrace.iter().flat_map(|backtrace| backtrace.lines()) {
        people.line(format_args!("  {line}"))?;
    }
    Ok(())
}

fn runs(runs: &[RunRecord]) -> Table {
    let mut table = Table::new(&["#RUN", "END", "STARTED", "#TOOK", "#SERVER", "RESULT"]);
    for run in runs {
        let failure = run.failure.as_ref().map(JobFailure::to_string);
        table.row([
            run.run.to_string(),
            end(run.end).to_owned(),
            output::instant(run.started_at),
            output::took(run.took),
            server(run.server),
            failure.or_else(|| run.output.clone()).unwrap_or_default(),
        ]);
    }
    table
}

fn events(history: &History) -> Table {
    let mut table = Table::new(&["AT", "FROM", "TO", "#SERVER", "WHY"]);
    for event in &history.events {
        table.row([
            output::instant(event.at),
            event.from.to_string(),
            event.to.to_string(),
            server(event.server),
            event.reason.clone(),
        ]);
    }
    table
}

fn server(id: Option<i64>) -> String {
    id.map_or_else(|| "-".to_owned(), |id| id.to_string())
}

fn end(end: RunEnd) -> &'static str {
    match end {
        RunEnd::Succeeded => "succeeded",
        RunEnd::Failed => "failed",
        RunEnd::Snoozed => "snoozed",
        // The library may come to know others.
        _ => "ended",
    }
}
