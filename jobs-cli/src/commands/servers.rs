//! `jobs servers`

use anyhow::Result;
use clap::{Args, Subcommand};
use jobs_runtime::{Client, ServerRecord};
use serde_json::json;

use super::not_found;
use crate::exit::Exit;
use crate::output::{self, Output, Table};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  jobs servers\n  jobs servers pause 7")]
pub(crate) struct Servers {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the servers that are up, and those that have gone lately
    List,
    /// Keep a server from starting jobs; those that it runs go on
    Pause { id: i64 },
    /// Let a paused server start jobs again
    Resume { id: i64 },
}

impl Servers {
    pub(super) async fn run(self, client: &Client, output: &mut Output) -> Result<Exit> {
        let (id, is_known, verb) = match self.what.unwrap_or(What::List) {
            What::List => return list(client, output).await,
            What::Pause { id } => (id, client.pause_server(id).await?, "paused"),
            What::Resume { id } => (id, client.resume_server(id).await?, "resumed"),
        };
        if !is_known {
            return Ok(not_found("server", id));
        }
        output.answer(&json!({ verb: id }), |people| {
            people.line(format_args!("{verb}: server {id}"))
        })?;
        Ok(Exit::Done)
    }
}

async fn list(client: &Client, output: &mut Output) -> Result<Exit> {
    let servers = client.servers().await?;
    let answer: Vec<_> = servers
        .iter()
        .map(|server| {
            json!({
                "id": server.id,
                "name": server.name,
                "state": state(server),
                "queues": server.queues,
                "workers": server.workers,
                "started_at": server.started_at,
                "heartbeat_at": server.heartbeat_at,
            })
        })
        .collect();
    output.answer(&answer, |people| {
        let columns = ["#ID", "NAME", "STATE", "#WORKERS", "STARTED", "HEARTBEAT", "QUEUES"];
        let mut table = Table::new(&columns);
        for server in &servers {
            table.row([
                server.id.to_string(),
                server.name.clone(),
                state(server).to_owned(),
                server.workers.to_string(),
                output::instant(server.started_at),
                output::instant(server.heartbeat_at),
                server.queues.join(" "),
            ]);
        }
        people.table(&table, "no server: start a program with a jobs runtime")
    })?;
    Ok(Exit::Done)
}

fn state(server: &ServerRecord) -> &'static str {
    match (server.gone, server.paused) {
        (true, _) => "gone",
        (false, true) => "paused",
        (false, false) => "up",
    }
}
