//! `jobs stats`

use anyhow::Result;
use jobs_runtime::Client;
use serde_json::json;

use crate::exit::Exit;
use crate::output::{Output, Table};

pub(super) async fn run(client: &Client, output: &mut Output) -> Result<Exit> {
    let counts = client.counts().await?;
    let states = [
        ("enqueued", counts.enqueued),
        ("scheduled", counts.scheduled),
        ("retries", counts.retries),
        ("awaiting", counts.awaiting),
        ("processing", counts.processing),
        ("succeeded", counts.succeeded),
        ("failed", counts.failed),
        ("deleted", counts.deleted),
    ];
    let servers = client.servers().await?.iter().filter(|server| !server.gone).count();
    let jobs: serde_json::Map<_, _> =
        states.iter().map(|(state, jobs)| ((*state).to_owned(), json!(jobs))).collect();
    output.answer(&json!({ "jobs": jobs, "servers": servers }), |people| {
        let mut table = Table::new(&["STATE", "#JOBS"]);
        for (state, jobs) in states {
            table.row([state.to_owned(), jobs.to_string()]);
        }
        people.table(&table, "")?;
        people.heading(format_args!("servers alive: {servers}"))
    })?;
    Ok(Exit::Done)
}
