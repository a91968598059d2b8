//! smoke
#![allow(missing_docs, clippy::print_stdout)]
use jobs_runtime::prelude::*;

#[job(queue = "mail", retries = 2, backoff = "1s")]
async fn add(a: u32, b: u32, ctx: JobContext) -> anyhow::Result<u32> {
    if a == 7 && ctx.attempt() == 1 { anyhow::bail!("seven is unlucky"); }
    Ok(a + b)
}

#[job]
async fn show(#[from_parent] sum: u32, label: &str) -> String {
    format!("{label}: {sum}")
}

#[job]
async fn boom() -> () { panic!("boom"); }

#[recurring(every = "1s")]
async fn tick() {}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let url = std::env::args().nth(1).unwrap_or("sqlite::memory:".into());
    let storage = Storage::connect(&url).await?;
    let runtime = Runtime::builder(storage).start().await?;
    let t = std::time::Instant::now();
    let sum = add::enqueue(1, 2).await?;
    println!("enqueued {:?}", t.elapsed());
    let s = show::continue_with(&sum, "sum").await?;
    println!("{}", sum.wait().await?);
    println!("{}", s.wait().await?);
    println!("{:?}", t.elapsed());
    let again = add::enqueue(7, 2).await?;
    println!("{:?}", again.wait().await);
    println!("{:?}", t.elapsed());
    let b = boom::job().retries(0).enqueue().await?;
    println!("{:?}", b.wait().await);
    let d = add::schedule_in(Duration::from_millis(300), 3, 4).await?;
    println!("{:?} {:?}", d.wait().await, t.elapsed());
    tokio::time::sleep(Duration::from_secs(2)).await;
    println!("{:?}", runtime.client().counts().await?);
    println!("{:?}", runtime.client().history(again.id()).await?);
    runtime.shutdown().await?;
    Ok(())
}
