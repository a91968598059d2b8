//! Beginning a transaction on a connection of a pool.

use sqlx::{Database, Pool, SqlSafeStr, Transaction};

use super::tables::Result;

/// Begins a transaction by this statement, in a task of its own. If whoever waits for the answer
/// is dropped, sqlx gives the connection back to the pool without knowing that a transaction is open
/// on it: what the next one sends would seem to be committed, and would not be. Here the transaction
/// is known by then, and rolled back.
pub(super) async fn begin<D: Database>(
    pool: &Pool<D>,
    statement: &'static str,
) -> Result<Transaction<'static, D>> {
    let pool = pool.clone();
    let begun = tokio::spawn(async move { pool.begin_with(statement.into_sql_str()).await });
    // Lost only with its runtime.
    Ok(begun.await.unwrap_or(Err(sqlx::Error::WorkerCrashed))?)
}
