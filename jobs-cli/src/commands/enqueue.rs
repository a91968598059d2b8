//! `jobs enqueue`

use std::io::Read;
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use clap::Args;
use jobs_runtime::{Client, JobHandle, NamedJob, WaitError};
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::output::{Output, plain};
use crate::values;

const EXAMPLES: &str = "\
Examples:
  jobs enqueue nightly_report
  jobs enqueue send_mail --args '{\"to\": \"ada@example.com\"}' --tag by-hand --delay 10m
  jobs enqueue import --args - --wait --timeout 5m < args.json

The queue is that which servers have announced for the kind. What the code of the kind would make of
the arguments is left out: a queue made of them, a unique key, tags, throttles, priority, deadline. Nor
are arguments encrypted; those that are not to be shown are hidden by --redact.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Enqueue {
    /// The kind of the job: the name of its function, unless the program names it otherwise
    kind: String,

    /// The arguments by their names, in JSON; `-` reads them from the standard input
    #[arg(long, value_name = "JSON", default_value = "{}")]
    args: String,

    /// Into this queue instead of the kind's
    #[arg(long)]
    queue: Option<String>,

    /// Larger runs first
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    priority: i16,

    /// Wait for so long before it runs
    #[arg(long, value_parser = values::duration, conflicts_with = "at")]
    delay: Option<Duration>,

    /// Wait until this instant before it runs
    #[arg(long, value_parser = values::instant, value_name = "RFC3339")]
    at: Option<DateTime<Utc>>,

    /// With this tag; may be repeated
    #[arg(long)]
    tag: Vec<String>,

    /// Hide this argument wherever the job is shown; may be repeated
    #[arg(long, value_name = "ARGUMENT")]
    redact: Vec<String>,

    /// Wait for its end, and give what it returns
    #[arg(long)]
    wait: bool,

    /// For at most so long
    #[arg(long, value_parser = values::duration, requires = "wait")]
    timeout: Option<Duration>,
}

impl Enqueue {
    pub(super) async fn run(self, client: &Client, output: &mut Output) -> Result<Exit> {
        let (wait, timeout) = (self.wait, self.timeout);
        let job = self.into_job()?.enqueue_with(client).await?;
        if wait {
            return ended(&job, timeout, output).await;
        }
        output.answer(&json!({ "id": job.id() }), |people| people.line(job.id()))?;
        Ok(Exit::Done)
    }

    fn into_job(self) -> Result<NamedJob> {
        let args = match self.args.as_str() {
            "-" => read_input()?,
            _ => self.args,
        };
        let mut job = NamedJob::new(self.kind, args).priority(self.priority);
        if let Some(queue) = self.queue {
            job = job.queue(queue);
        }
        if let Some(delay) = self.delay {
            job = job.delay(delay);
        }
        if let Some(at) = self.at {
            job = job.at(at);
        }
        let job = self.tag.into_iter().fold(job, NamedJob::tag);
        Ok(self.redact.into_iter().fold(job, NamedJob::redact))
    }
}

fn read_input() -> Result<String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("cannot read the arguments")?;
    Ok(text)
}

async fn ended(
    job: &JobHandle<Value>,
    timeout: Option<Duration>,
    output: &mut Output,
) -> Result<Exit> {
    let end = match timeout {
        Some(timeout) => job.wait_timeout(timeout).await,
        None => job.wait().await,
    };
    match end {
        Ok(value) => {
            output.answer(&json!({ "id": job.id(), "output": value }), |people| {
                people.line(&value)
            })?;
            Ok(Exit::Done)
        }
        Err(WaitError::Storage(error)) => Err(error.into()),
        Err(error) => {
            let (id, error) = (job.id(), error.to_string());
            output.answer(&json!({ "id": id, "error": error }), |people| people.line(id))?;
            eprintln!("error: job {id}: {}", plain(&error));
            Ok(Exit::Unsuccessful)
        }
    }
}
