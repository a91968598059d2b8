//! `jobs servers`

use anyhow::Result;
use clap::{Args, Subcommand};
use jobs_runtime::{Client, ServerRecord};
use serde_json::json;

use super::not_found;
use crate::exit::Exit;
use crate::output::{self, Output, Table};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  jobs servers\n  jobs servers pause 7\n  jobs servers stop 7")]
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
    /// Ask a server to stop in order: it takes no more jobs, and lets those that it runs end
    Stop { id: i64 },
}

impl Servers {
    pub(super) async fn run(self, client: &Client, output: &mut Output) -> Result<Exit> {
        let (id, is_known, verb) = match self.what.unwrap_or(What::List) {
            What::List => return list(client, output).await,
            What::Pause { id } => (id, client.pause_server(id).await?, "paused"),
            What::Resume { id } => (id, client.resume_server(id).await?, "resumed"),
            What::Stop { id } => (id, client.stop_server(id).await?, "asked to stop"),
        };
        if !is_known {
            return Ok(not_found("server", id));
        }
        output.answer(&json!({ verb.replace(' ', "_"): id }), |people| {
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
                "memory_bytes": server.memory,
                "cpu": server.cpu,
            })
        })
        .collect();
    output.answer(&answer, |people| {
        let mut table = Table::new(&[
            "#ID",
            "NAME",
            "STATE",
            "#WORKERS",
            "#MEMORY",
            "#CPU",
            "STARTED",
            "HEARTBEAT",
            "QUEUES",
        ]);
        for server in &servers {
            table.row([
                server.id.to_string(),
                server.name.clone(),
                state(server).to_owned(),
                server.workers.to_string(),
                server.memory.map_or_else(none, |bytes| format!("{} MiB", bytes >> 20)),
                server.cpu.map_or_else(none, |cpu| format!("{:.0}%", cpu * 100.0)),
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
    match server {
        ServerRecord { gone: true, .. } => "gone",
        ServerRecord { stopping: true, .. } => "stopping",
        ServerRecord { paused: true, .. } => "paused",
        _ => "up",
    }
}

fn none() -> String {
    "-".to_owned()
}
