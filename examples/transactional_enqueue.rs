//! Transactional enqueue: a job is stored in the program's own transaction, and is there exactly
//! if that commits.
//!
//! ```text
//! cargo run --example transactional_enqueue
//! ```

use jobs_runtime::prelude::*;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;

const FILE: &str = "jobs-transactional.db";

#[job]
async fn send_invoice(order: i64, #[inject] shop: State<SqlitePool>) -> anyhow::Result<String> {
    let article: String = sqlx::query_scalar("SELECT article FROM orders WHERE id = ?1")
        .bind(order)
        .fetch_one(&*shop)
        .await?;
    Ok(format!("invoice for order {order}: {article}"))
}

/// Stores an order and the job that sends its invoice, both or neither.
async fn order(shop: &SqlitePool, article: &str, paid: bool) -> anyhow::Result<JobHandle<String>> {
    // SQLite has one writer: a transaction that is going to write says so when it begins.
    let mut tx = shop.begin_with("BEGIN IMMEDIATE").await?;
    let id = sqlx::query("INSERT INTO orders (article) VALUES (?1)")
        .bind(article)
        .execute(&mut *tx)
        .await?
        .last_insert_rowid();
    let invoice = send_invoice::job(id).enqueue_in(&mut tx).await?;
    match paid {
        true => tx.commit().await?,
        false => tx.rollback().await?,
    }
    Ok(invoice)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // The program's own pool, on the file that the jobs are in as well.
    let shop = SqlitePool::connect_with(
        SqliteConnectOptions::new().filename(FILE).create_if_missing(true),
    )
    .await?;
    sqlx::query(
        "CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, article TEXT NOT NULL)",
    )
    .execute(&shop)
    .await?;

    let storage = Storage::connect(&format!("sqlite://{FILE}")).await?;
    let runtime = Runtime::builder(storage).state(shop.clone()).start().await?;

    let teapot = order(&shop, "teapot", true).await?;
    let kettle = order(&shop, "kettle", false).await?;
    // Workers see the job within a second of the commit, or at once:
    runtime.client().wake();

    println!("teapot, committed:   {}", teapot.wait().await?);
    println!("kettle, rolled back: {:?}", kettle.state().await?);
    let orders: i64 = sqlx::query_scalar("SELECT count(*) FROM orders").fetch_one(&shop).await?;
    println!("{orders} orders and {} invoices are in {FILE}", {
        runtime.client().counts().await?.succeeded
    });

    runtime.shutdown().await?;
    shop.close().await;
    Ok(())
}
