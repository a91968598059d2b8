//! `jobs queues`

use anyhow::Result;
use clap::{Args, Subcommand};
use jobs_runtime::Client;
use serde_json::json;

use crate::exit::Exit;
use crate::output::{self, Output, Table};

const EXAMPLES: &str = "\
Examples:
  jobs queues
  jobs queues pause mail";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Queues {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the queues that hold jobs, that a server takes jobs from, or that are paused
    List,
    /// Keep all servers from starting jobs of a queue
    Pause { name: String },
    /// Let servers start jobs of a queue again
    Resume { name: String },
}

impl Queues {
    pub(super) async fn run(self, client: &Client, output: &mut Output) -> Result<Exit> {
        let (name, verb) = match self.what.unwrap_or(What::List) {
            What::List => return list(client, output).await,
            What::Pause { name } => {
                client.pause_queue(&name).await?;
                (name, "paused")
            }
            What::Resume { name } => {
                client.resume_queue(&name).await?;
                (name, "resumed")
            }
        };
        output
            .answer(&json!({ verb: name }), |people| people.line(format_args!("{verb}: {name}")))?;
        Ok(Exit::Done)
    }
}

async fn list(client: &Client, output: &mut Output) -> Result<Exit> {
    let queues = client.queues().await?;
    let answer: Vec<_> = queues
        .iter()
        .map(|queue| {
            json!({
                "name": queue.name,
                "waiting": queue.waiting,
                "throttled": queue.throttled,
                "oldest": queue.oldest,
                "paused": queue.paused,
            })
        })
        .collect();
    output.answer(&answer, |people| {
        let mut table = Table::new(&["QUEUE", "STATE", "#WAITING", "#THROTTLED", "OLDEST"]);
        for queue in &queues {
            table.row([
                queue.name.clone(),
                if queue.paused { "paused" } else { "on" }.to_owned(),
                queue.waiting.to_string(),
                queue.throttled.to_string(),
                output::optional_instant(queue.oldest),
            ]);
        }
        people.table(&table, "no queue: enqueue a job, or start a program with a jobs runtime")
    })?;
    Ok(Exit::Done)
}
