//! The process that the chaos tests start, stop and kill: a server with the kinds of
//! [`kinds`], or a program that only enqueues.

mod arguments;
mod effects;
mod enqueue;
mod kinds;
mod run;

use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use jobs_runtime::StorageOptions;
use jobs_tests::checker::Record;

use arguments::{Arguments, Mode};

/// How long a file of SQLite is waited for. Several processes write to it, and each commit may take
/// seconds while the disk stalls.
const LOCK_TIMEOUT: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_max_level(arguments.log)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    let record = Record::open(&arguments.record);
    let database = effects::Database::new(&arguments.url, &arguments.schema);
    let options = StorageOptions::new(arguments.url).schema(arguments.schema);
    let storage = options.lock_timeout(LOCK_TIMEOUT).connect().await?;
    match arguments.mode {
        Mode::Run(settings) => run::run(storage, record, database, &settings).await,
        Mode::Enqueue(wanted) => enqueue::enqueue(storage, &record, &wanted).await,
    }
}
