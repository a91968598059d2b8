//! `jobs batches`

use anyhow::Result;
use clap::{Args, Subcommand};
use jobs_runtime::{BatchId, BatchRecord, Client};
use serde_json::{Value, json};

use super::not_found;
use crate::exit::Exit;
use crate::output::{self, Output, Table};

const EXAMPLES: &str = "\
Examples:
  jobs batches list --limit 10
  jobs batches show 0199c9a4-7a3c-7d60-8f6b-1d2c3b4a5968
  jobs batches requeue-failed 0199c9a4-7a3c-7d60-8f6b-1d2c3b4a5968";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Batches {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List batches and workflows, newest first, without those inside others
    List {
        #[arg(long, default_value_t = USUAL_LIMIT)]
        limit: u32,
        /// Those stored before the one with this `seq`
        #[arg(long, value_name = "SEQ")]
        before: Option<i64>,
    },
    /// Show one batch
    Show { id: BatchId },
    /// Delete all its jobs that are not final
    Cancel { id: BatchId },
    /// Requeue its failed jobs, and those of the batches inside it
    RequeueFailed { id: BatchId },
}

const USUAL_LIMIT: u32 = 50;

impl Batches {
    pub(super) async fn run(self, client: &Client, output: &mut Output) -> Result<Exit> {
        match self.what.unwrap_or(What::List { limit: USUAL_LIMIT, before: None }) {
            What::List { limit, before } => list(client, before, limit, output).await,
            What::Show { id } => show(client, id, output).await,
            What::Cancel { id } => cancel(client, id, output).await,
            What::RequeueFailed { id } => requeue_failed(client, id, output).await,
        }
    }
}

async fn list(
    client: &Client,
    before: Option<i64>,
    limit: u32,
    output: &mut Output,
) -> Result<Exit> {
    let batches = client.batches(before, limit).await?;
    let answer: Vec<Value> = batches.iter().map(to_json).collect();
    output.answer(&answer, |people| {
        let columns = ["ID", "NAME", "STATE", "#DONE", "#OF", "#FAILED", "CREATED"];
        let mut table = Table::new(&columns);
        for batch in &batches {
            table.row([
                batch.id.to_string(),
                batch.name.clone(),
                state(batch),
                batch.counts.settled().to_string(),
                batch.counts.total.to_string(),
                batch.counts.failed.to_string(),
                output::instant(batch.created_at),
            ]);
        }
        people.table(&table, "no batch: store one by `Batch::new(…)` or `Workflow::new(…)`")
    })?;
    Ok(Exit::Done)
}

async fn show(client: &Client, id: BatchId, output: &mut Output) -> Result<Exit> {
    let Some(batch) = client.batch(id).await? else { return Ok(not_found("batch", id)) };
    output.answer(&to_json(&batch), |people| {
        let counts = &batch.counts;
        people.line(format_args!("id         {id}"))?;
        people.line(format_args!("name       {}", batch.name))?;
        if let Some(description) = &batch.description {
            people.line(format_args!("about      {description}"))?;
        }
        people.line(format_args!("state      {}", state(&batch)))?;
        people.line(format_args!("created    {}", output::instant(batch.created_at)))?;
        people.line(format_args!("ended      {}", output::optional_instant(batch.ended_at)))?;
        people.line(format_args!(
            "members    {}: {} pending, {} succeeded, {} failed, {} deleted, {} skipped",
            counts.total,
            counts.pending,
            counts.succeeded,
            counts.failed,
            counts.deleted,
            counts.skipped
        ))
    })?;
    Ok(Exit::Done)
}

async fn cancel(client: &Client, id: BatchId, output: &mut Output) -> Result<Exit> {
    if client.batch(id).await?.is_none() {
        return Ok(not_found("batch", id));
    }
    let jobs = client.cancel_batch(id).await?;
    output.answer(&json!({ "deleted": jobs }), |people| {
        people.line(format_args!("deleted: {jobs}"))
    })?;
    Ok(Exit::Done)
}

async fn requeue_failed(client: &Client, id: BatchId, output: &mut Output) -> Result<Exit> {
    if client.batch(id).await?.is_none() {
        return Ok(not_found("batch", id));
    }
    let jobs = client.requeue_failed(id).await?;
    output.answer(&json!({ "requeued": jobs }), |people| {
        people.line(format_args!("requeued: {jobs}"))
    })?;
    Ok(Exit::Done)
}

fn to_json(batch: &BatchRecord) -> Value {
    json!({
        "id": batch.id,
        "parent": batch.parent,
        "name": batch.name,
        "description": batch.description,
        "state": batch.state,
        "stuck": batch.is_stuck(),
        "cancelled": batch.cancelled,
        "counts": batch.counts,
        "created_at": batch.created_at,
        "ended_at": batch.ended_at,
        "expires_at": batch.expires_at,
        "seq": batch.seq,
    })
}

fn state(batch: &BatchRecord) -> String {
    match (batch.is_stuck(), batch.cancelled && !batch.state.is_settled()) {
        (true, _) => "open, stuck".to_owned(),
        (false, true) => format!("{}, cancelled", batch.state),
        (false, false) => batch.state.to_string(),
    }
}
