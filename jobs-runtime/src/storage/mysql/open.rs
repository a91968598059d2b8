//! Transactions, as the tables use them.

use sqlx::Transaction;

use super::MySql;
use super::tables::MySqlTables;
use crate::storage::begin;
use crate::storage::tables::Result;

/// Opens a transaction in one round trip, whatever the database's defaults are.
pub(super) const WRITE: &str =
    "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION READ WRITE";

/// All statements see the same state: what several of them say of one job fits together.
pub(super) const READ: &str =
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION READ ONLY";

/// A transaction. Rolls back when dropped.
pub(crate) struct MySqlOpen<'b> {
    backend: &'b MySql,
    transaction: Transaction<'static, sqlx::MySql>,
}

impl<'b> MySqlOpen<'b> {
    pub(super) async fn begin(backend: &'b MySql, statement: &'static str) -> Result<Self> {
        let transaction = begin::begin(&backend.pool, statement).await?;
        Ok(Self { backend, transaction })
    }

    pub(crate) fn tables(&mut self) -> MySqlTables<'_> {
        MySqlTables::new(&mut self.transaction, &self.backend.shared)
    }

    pub(crate) async fn commit(self) -> Result<()> {
        Ok(self.transaction.commit().await?)
    }
}
