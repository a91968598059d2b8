//! A workflow: jobs and batches as one graph, with what each hands over to the next.
//!
//! ```text
//! cargo run --example workflow
//! ```

use jobs_runtime::JobFailure;
use jobs_runtime::prelude::*;

#[job]
async fn charge(order: u64) -> u64 {
    println!("charged for order {order}");
    order + 1_000
}

#[job]
async fn pick(item: &str) -> String {
    println!("picked {item}");
    item.to_owned()
}

/// Two parents: one job, and one batch.
#[job(retries = 0)]
async fn ship(#[from_parent] ready: (u64, Vec<String>), address: String) -> anyhow::Result<String> {
    let (receipt, items) = ready;
    anyhow::ensure!(!address.is_empty(), "no address for receipt {receipt}");
    Ok(format!("{} to {address}", items.join(" and ")))
}

#[job]
async fn thank(#[from_parent] parcel: String) {
    println!("thank you: {parcel}");
}

#[job]
async fn apologise(#[from_parent] shipped: Result<String, JobFailure>) {
    if let Err(failure) = shipped {
        println!("sorry: {failure}");
    }
}

async fn order(address: &str) -> anyhow::Result<BatchHandle<jobs_runtime::Mixed>> {
    let mut flow = Workflow::new("order").on_failure(OnFailure::Finish);
    let paid = flow.add(charge::job(7));
    let picked = Batch::new("items").add_all(["a kettle", "two cups"].map(pick::job)).after(&paid);
    let picked = flow.add_batch(picked); // fan-out
    let shipped = flow.add(ship::job(address).after_all((&paid, &picked))); // fan-in
    flow.add(thank::job().after(&shipped));
    flow.add(apologise::job().after_failed(&shipped));
    Ok(flow.enqueue().await?) // all of it in one transaction
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let storage = Storage::connect("sqlite::memory:").await?;
    let runtime = Runtime::builder(storage).start().await?;
    for address in ["1 Main Street", ""] {
        let flow = order(address).await?;
        runtime.drain().await?;
        let status = flow.status().await?;
        let counts = status.counts;
        println!("{}: {counts:?}", status.state);
    }
    runtime.shutdown().await?;
    Ok(())
}
