//! The process that the chaos tests start, stop and kill: a server with the kinds of
//! [`kinds`], or a program that only enqueues.

mod arguments;
mod enqueue;
mod kinds;
mod run;

use anyhow::Result;
use clap::Parser;
use jobs_runtime::StorageOptions;
use jobs_tests::checker::Record;

use arguments::{Arguments, Mode};

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_max_level(arguments.log)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    let record = Record::open(&arguments.record);
    let storage = StorageOptions::new(arguments.url).schema(arguments.schema).connect().await?;
    match arguments.mode {
        Mode::Run(settings) => run::run(storage, record, &settings).await,
        Mode::Enqueue(wanted) => enqueue::enqueue(storage, &record, &wanted).await,
    }
}
