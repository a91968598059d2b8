//! Throttles: limits that hold across all servers, and tenants that take turns.
//!
//! ```text
//! cargo run --example throttles
//! ```

use std::time::Instant;

use jobs_runtime::prelude::*;

/// At most two at once for each tenant, however many workers and servers there are.
#[job(concurrency(key = "tenant-{tenant}", limit = 2))]
async fn export(tenant: u32, file: u32, #[inject] start: State<Instant>) {
    println!("{:>5} ms  tenant {tenant} exports {file}", start.elapsed().as_millis());
    tokio::time::sleep(Duration::from_millis(200)).await;
}

/// At most five starts in any second: of a foreign service, say.
#[job(rate_limit(key = "bank", limit = 5, per = "1s", window = "sliding"))]
async fn book(entry: u32, #[inject] start: State<Instant>) {
    println!("{:>5} ms  booked {entry}", start.elapsed().as_millis());
}

/// Tenants take turns: the second one does not wait for all that the first has enqueued.
#[job(queue = "import", fair_by = "{tenant}")]
async fn import(tenant: &str, row: u32, #[inject] start: State<Instant>) {
    if tenant == "small" {
        println!("{:>5} ms  the small tenant's row {row}", start.elapsed().as_millis());
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let storage = Storage::connect("sqlite::memory:").await?;
    let client = Client::new(storage.clone());
    client.clone().install();
    client.enqueue_all((0..6).map(|file| export::job(7, file))).await?;
    client.enqueue_all((0..2).map(|file| export::job(8, file))).await?;
    client.enqueue_all((0..12).map(book::job)).await?;
    client.enqueue_all((0..5_000).map(|row| import::job("large", row))).await?;
    client.enqueue_all((0..3).map(|row| import::job("small", row))).await?;

    let runtime = Runtime::builder(storage).workers(10).state(Instant::now()).start().await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    for throttle in client.throttles().await? {
        let (used, limit, waiting) = (throttle.used, throttle.limit, throttle.waiting);
        println!("          {}: {used} of {limit} used, {waiting} waiting", throttle.key);
    }
    client.set_limit("tenant-7", 4).await?; // from now on, until `reset_limit`
    runtime.drain().await?;
    // What a rate holds back comes later.
    while client.counts().await?.enqueued > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    runtime.shutdown().await?;
    Ok(())
}
