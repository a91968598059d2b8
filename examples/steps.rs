//! Durable steps: a retry goes on behind the last step that has ended. And effects that commit
//! together with the job's success.
//!
//! ```text
//! cargo run --example steps
//! ```

use jobs_runtime::prelude::*;

/// Fails after its second step, once.
#[job(retries = 1, backoff = "0s")]
async fn order(item: String, ctx: JobContext) -> anyhow::Result<String> {
    let receipt: u64 = ctx
        .step("charge", || async {
            println!("charging");
            anyhow::Ok(42)
        })
        .await?;
    let parcel: String = ctx
        .step("pack", || async move {
            println!("packing {item}");
            anyhow::Ok(format!("parcel for receipt {receipt}"))
        })
        .await?;
    anyhow::ensure!(ctx.attempt() > 1, "the lorry has left");
    Ok(parcel)
}

/// Writes into the application's own table, exactly once however often it is run.
#[job]
async fn book(
    amount: i64,
    ctx: JobContext,
    #[inject] shop: State<sqlx::SqlitePool>,
) -> anyhow::Result<()> {
    let mut tx = shop.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::query("INSERT INTO booking (amount) VALUES (?)").bind(amount).execute(&mut *tx).await?;
    ctx.complete_in(&mut tx, &()).await?; // its success, in this transaction
    tx.commit().await?;
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let path = std::env::temp_dir().join("jobs-steps.db");
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let shop = sqlx::SqlitePool::connect(&url).await?;
    sqlx::query("CREATE TABLE IF NOT EXISTS booking (amount integer)").execute(&shop).await?;

    let runtime =
        Runtime::builder(Storage::connect(&url).await?).state(shop.clone()).start().await?;
    println!("{}", order::enqueue("a kettle").await?.wait().await?);
    book::enqueue(7).await?.wait().await?;
    let booked: i64 = sqlx::query_scalar("SELECT count(*) FROM booking").fetch_one(&shop).await?;
    println!("{booked} booked so far, in {}", path.display());
    runtime.shutdown().await?;
    Ok(())
}
