//! `jobs recurring`

use anyhow::Result;
use clap::{Args, Subcommand};
use jobs_runtime::{Client, RecurringRecord};
use serde_json::{Value, json};

use super::not_found;
use crate::exit::Exit;
use crate::output::{self, Output, Table};

const EXAMPLES: &str = "\
Examples:
  jobs recurring
  jobs recurring trigger morning_report
  jobs recurring pause morning_report";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Recurring {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List all schedules
    List,
    /// Enqueue a run now, even if the schedule is paused
    Trigger { id: String },
    /// Stop a schedule; what passes meanwhile is not made up for
    Pause { id: String },
    /// Let a schedule go on from now
    Resume { id: String },
    /// Remove a schedule; one that a program declares comes back when that starts again
    Remove { id: String },
}

impl Recurring {
    pub(super) async fn run(self, client: &Client, output: &mut Output) -> Result<Exit> {
        let schedules = client.recurring();
        let (id, is_known, verb) = match self.what.unwrap_or(What::List) {
            What::List => return list(client, output).await,
            What::Trigger { id } => return trigger(client, &id, output).await,
            What::Pause { id } => (id.clone(), schedules.pause(&id).await?, "paused"),
            What::Resume { id } => (id.clone(), schedules.resume(&id).await?, "resumed"),
            What::Remove { id } => (id.clone(), schedules.remove(&id).await?, "removed"),
        };
        if !is_known {
            return Ok(not_found("schedule", id));
        }
        output.answer(&json!({ verb: id }), |people| people.line(format_args!("{verb}: {id}")))?;
        Ok(Exit::Done)
    }
}

async fn trigger(client: &Client, id: &str, output: &mut Output) -> Result<Exit> {
    match client.recurring().trigger(id).await? {
        None => Ok(not_found("schedule", id)),
        Some(job) => {
            output.answer(&json!({ "id": job.id() }), |people| people.line(job.id()))?;
            Ok(Exit::Done)
        }
    }
}

async fn list(client: &Client, output: &mut Output) -> Result<Exit> {
    let schedules = client.recurring().list().await?;
    let answer: Vec<Value> = schedules.iter().map(to_json).collect();
    output.answer(&answer, |people| {
        let columns = ["ID", "KIND", "CRON", "ZONE", "STATE", "NEXT", "LAST"];
        let mut table = Table::new(&columns);
        for schedule in &schedules {
            table.row([
                schedule.id.clone(),
                schedule.kind.clone(),
                schedule.cron.clone(),
                schedule.tz.clone(),
                state(schedule),
                output::optional_instant(schedule.next_at.filter(|_| !schedule.paused)),
                output::optional_instant(schedule.last_at),
            ]);
        }
        people.table(&table, "no schedule: mark a function by #[recurring(cron = \"…\")]")
    })?;
    Ok(Exit::Done)
}

fn to_json(schedule: &RecurringRecord) -> Value {
    json!({
        "id": schedule.id,
        "kind": schedule.kind,
        "queue": schedule.queue,
        "args": output::json(&schedule.args),
        "cron": schedule.cron,
        "tz": schedule.tz,
        "misfire": schedule.misfire,
        "overlap": schedule.overlap,
        "jitter_seconds": schedule.jitter.as_secs_f64(),
        "paused": schedule.paused,
        "next_at": schedule.next_at,
        "last_at": schedule.last_at,
        "last_job": schedule.last_job,
        "error": schedule.error,
    })
}

fn state(schedule: &RecurringRecord) -> String {
    match (&schedule.error, schedule.paused) {
        (Some(error), _) => format!("broken: {error}"),
        (None, true) => "paused".to_owned(),
        (None, false) => "on".to_owned(),
    }
}
