//! Batches: many jobs with one end, what comes after it, and what is done about failures.
//!
//! ```text
//! cargo run --example batches
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jobs_runtime::prelude::*;

/// What somebody may repair.
#[derive(Default)]
struct Addresses {
    all_known: AtomicBool,
}

#[job(retries = 0)]
async fn send_issue(
    reader: u64,
    #[inject] addresses: State<Arc<Addresses>>,
) -> anyhow::Result<u64> {
    anyhow::ensure!(
        reader != 13 || addresses.all_known.load(Ordering::Relaxed),
        "reader {reader} has moved"
    );
    Ok(reader)
}

/// Takes what all jobs of the batch returned, in the order in which they were added.
#[job]
async fn close_issue(#[from_parent] readers: Vec<u64>, issue: u32) {
    println!("issue {issue} has reached {} readers", readers.len());
}

/// Finds out while it runs what there is to do, and adds that to its own batch.
#[job]
async fn scan(folder: &str, ctx: JobContext) -> anyhow::Result<usize> {
    let files = ["one.jpg", "two.jpg", "three.jpg"];
    if let Some(batch) = ctx.batch() {
        batch.add_all(files.map(|file| resize::job(format!("{folder}/{file}")))).await?;
    }
    Ok(files.len())
}

#[job]
async fn resize(file: String) {
    println!("resized {file}");
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let storage = Storage::connect("sqlite::memory:").await?;
    let addresses = Arc::new(Addresses::default());
    let runtime = Runtime::builder(storage).state(Arc::clone(&addresses)).start().await?;

    // Stored in one transaction with what comes after it, or not at all.
    let issue = Batch::new("newsletter")
        .description("issue 42")
        .add_all((0..100).map(send_issue::job))
        .then(close_issue::job(42))
        .enqueue()
        .await?;
    runtime.drain().await?;

    // One job has failed for good and holds the batch open: somebody has to act.
    let status = issue.status().await?;
    println!("{:.0} % done, stuck: {}", status.counts.progress() * 100.0, status.is_stuck());
    addresses.all_known.store(true, Ordering::Relaxed);
    println!("{} requeued", issue.requeue_failed().await?);
    println!("{} sent", issue.wait().await?.len());

    // One batch after another, and jobs that join while it runs.
    let gallery = Batch::mixed("gallery").add_any(scan::job("summer")).enqueue().await?;
    let thanks = Batch::new("thanks").add(resize::job("thanks.jpg")).after(&gallery);
    thanks.enqueue().await?.wait().await?;
    println!("{} jobs in the gallery", gallery.status().await?.counts.total);

    runtime.shutdown().await?;
    Ok(())
}
