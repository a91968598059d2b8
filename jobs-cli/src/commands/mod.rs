//! The commands, a file each.

pub(crate) mod act;
pub(crate) mod batches;
pub(crate) mod cron;
pub(crate) mod dashboard;
pub(crate) mod delete;
pub(crate) mod enqueue;
pub(crate) mod list;
mod migrate;
pub(crate) mod prune;
pub(crate) mod queues;
pub(crate) mod recurring;
pub(crate) mod requeue;
pub(crate) mod servers;
pub(crate) mod show;
mod stats;

use anyhow::Result;

use crate::cli::Command;
use crate::database::Database;
use crate::exit::Exit;
use crate::output::Output;

/// Carries a command out.
///
/// # Errors
/// What the library says, a value that is none, or that nothing can be written.
pub(crate) async fn run(
    command: Command,
    database: &Database,
    output: &mut Output,
) -> Result<Exit> {
    let client = match &command {
        Command::Cron(cron) => return cron.run(output),
        Command::Migrate => database.migrated().await?,
        Command::Dashboard(dashboard) => {
            dashboard.check()?;
            database.client().await?
        }
        _ => database.client().await?,
    };
    match command {
        Command::Migrate => migrate::run(&client, output),
        Command::Stats => stats::run(&client, output).await,
        Command::List(list) => list.run(&client, output).await,
        Command::Show(show) => show.run(&client, output).await,
        Command::Enqueue(enqueue) => enqueue.run(&client, output).await,
        Command::Requeue(requeue) => requeue.run(&client, output).await,
        Command::Delete(delete) => delete.run(&client, output).await,
        Command::Queues(queues) => queues.run(&client, output).await,
        Command::Servers(servers) => servers.run(&client, output).await,
        Command::Recurring(recurring) => recurring.run(&client, output).await,
        Command::Batches(batches) => batches.run(&client, output).await,
        Command::Prune(prune) => prune.run(&client, output).await,
        Command::Dashboard(dashboard) => dashboard.run(&client, output).await,
        Command::Cron(_) => Ok(Exit::Done),
    }
}

/// Says that something is not there.
fn not_found(what: &str, name: impl std::fmt::Display) -> Exit {
    let name = name.to_string();
    eprintln!("error: there is no {what} {}", crate::output::plain(&name));
    Exit::NotFound
}
