//! Unique jobs: what happens to a second job with the same key.
//!
//! ```text
//! cargo run --example unique
//! ```

use jobs_runtime::prelude::*;
use jobs_runtime::{Error, Unique};

/// One for each user as long as it has not settled; a second one is left out.
#[job(unique(key = "{user}"))]
async fn refresh(user: u32) {
    println!("refreshed {user}");
}

/// The newest wins, as long as the first has not started.
#[job(unique(key = "{document}", on_conflict = "replace"))]
async fn index(document: u32, text: &str) {
    println!("indexed {document}: {text}");
}

/// One in an hour, whatever became of it.
#[job(unique(key = "{to}", within = "1h", on_conflict = "error"))]
async fn remind(to: &str) {
    println!("reminded {to}");
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let storage = Storage::connect("sqlite::memory:").await?;
    Client::new(storage.clone()).install();

    let first = refresh::enqueue(7).await?;
    let second = refresh::enqueue(7).await?;
    println!("skipped: {}, the same job: {}", second.is_duplicate(), first.id() == second.id());

    index::enqueue(1, "a draft").await?;
    index::enqueue(1, "the final text").await?;

    remind::enqueue("ada@example.com").await?;
    match remind::enqueue("ada@example.com").await {
        Err(Error::Conflict { key, holder, .. }) => println!("{key} is held by job {holder}"),
        other => println!("unexpected: {other:?}"),
    }

    // A request can bring a key of its own.
    let nightly = || Unique::key("night of 2026-11-28".to_owned());
    refresh::job(8).unique(nightly()).enqueue().await?;
    refresh::job(9).unique(nightly()).enqueue().await?;

    let runtime = Runtime::builder(storage).start().await?;
    runtime.drain().await?;
    runtime.shutdown().await?;
    Ok(())
}
