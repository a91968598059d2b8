//! Retries: what is tried again and after how long, what is not, and what was stored of it.
//!
//! ```text
//! cargo run --example retries
//! ```

use jobs_runtime::prelude::*;

/// Tried again after 100 ms, 200 ms, 400 ms, … The default, for jobs that name no backoff, is
/// 10 retries over about four and a half hours.
#[job(retries = 4, backoff = exponential(base = "100ms", cap = "10s", jitter = 0.1))]
async fn call_api(ctx: JobContext) -> anyhow::Result<String> {
    if ctx.attempt() < 3 {
        anyhow::bail!("503 service unavailable");
    }
    Ok("200".to_owned())
}

/// Some errors say themselves what is to be done about them.
#[job(backoff = "1h")]
async fn charge(card: &str, ctx: JobContext) -> Result<(), JobError> {
    if ctx.attempt() == 1 {
        // Not the hour of the kind, but what the other side asks for.
        Err("429 slow down").retry_after(Duration::from_millis(200))?;
    }
    let _number: u64 = card.parse().fatal()?; // no retry mends a bad number
    Ok(())
}

/// Not a failure: looks again later, and no attempt is used up.
#[job]
async fn await_file(ctx: JobContext) -> Result<(), JobError> {
    ctx.log("looked").await?;
    match ctx.client().history(ctx.id()).await?.log.len() {
        3.. => Ok(()),
        _ => Err(JobError::snooze(Duration::from_millis(100))),
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let storage = Storage::connect("sqlite::memory:").await?;
    let runtime = Runtime::builder(storage).start().await?;

    let called = call_api::enqueue().await?;
    println!("call_api:   {:?}", called.wait().await);
    let charged = charge::enqueue("4242 xxxx").await?;
    println!("charge:     {:?}", charged.wait().await.map_err(|error| error.to_string()));
    let found = await_file::enqueue().await?;
    println!("await_file: {:?}", found.wait().await);

    for (kind, id) in
        [("call_api", called.id()), ("charge", charged.id()), ("await_file", found.id())]
    {
        println!("\n{kind}");
        for run in runtime.client().history(id).await?.runs {
            let end = match run.failure {
                Some(failure) => format!("{:?}: {}", run.end, failure.message),
                None => format!("{:?}", run.end),
            };
            println!("  run {} at {}  {end}", run.run + 1, run.started_at.format("%H:%M:%S%.3f"));
        }
    }

    runtime.shutdown().await?;
    Ok(())
}
