//! Shutdown: running jobs get a grace period; one that outlasts it is told to stop, goes back to
//! its queue with no attempt lost, and is run to its end by the next server.
//!
//! A service calls `runtime.run_until_signal()`, which does the same on SIGTERM or Ctrl-C.
//!
//! ```text
//! cargo run --example shutdown
//! ```

use jobs_runtime::prelude::*;

/// Ends within the grace period.
#[job]
async fn short() {
    tokio::time::sleep(Duration::from_millis(300)).await;
    println!("short: done");
}

/// Does not, but keeps what it has done in steps, and stops when it is told to.
#[job]
async fn long(ctx: JobContext, token: CancellationToken) -> anyhow::Result<()> {
    for part in 1..=4 {
        ctx.step(&format!("part {part}"), || async move {
            tokio::time::sleep(Duration::from_millis(400)).await;
            println!("long:  part {part} of 4");
            anyhow::Ok(())
        })
        .await?;
        if token.is_cancelled() {
            println!("long:  told to stop");
            anyhow::bail!("stopped"); // not counted as a failure: it was told to
        }
    }
    println!("long:  done in attempt {}", ctx.attempt());
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let storage = Storage::connect("sqlite::memory:").await?;

    let first = Runtime::builder(storage.clone())
        .grace(Duration::from_millis(500))
        .cancel_grace(Duration::from_secs(1))
        .start()
        .await?;
    short::enqueue().await?;
    let job = long::enqueue().await?;
    tokio::time::sleep(Duration::from_millis(100)).await;
    println!("main:  the first server shuts down");
    first.shutdown().await?;
    if let Some(placement) = job.state().await? {
        println!("main:  `long` is {} again", placement.state);
    }

    let second = Runtime::builder(storage).start().await?;
    println!("main:  a second server starts");
    job.wait().await?;
    for event in second.client().history(job.id()).await?.events {
        println!("main:  stored: {} -> {}, {}", event.from, event.to, event.reason);
    }
    second.shutdown().await?;
    Ok(())
}
