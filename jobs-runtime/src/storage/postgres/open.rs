//! Connections and transactions, as the tables use them.

use sqlx::Transaction;
use sqlx::pool::PoolConnection;

use super::Postgres;
use super::tables::PostgresTables;
use crate::storage::begin;
use crate::storage::tables::Result;

/// Opens a transaction in one round trip, whatever the database's defaults are.
///
/// The statements look rows up by their keys. With tables that were empty when a plan was made,
/// or were never analysed, the planner prefers to read them whole: a claim from 200,000
/// rows took up to half a second so. So all other ways are taken from it, for this transaction
/// only. Where there is no other way after all, the planner counts such costs that it would
/// compile the statement, for half a second as well: hence `jit`. And one plan is kept for each
/// statement: with arrays for arguments the planner would make a new one at each call.
///
/// A process that is stopped inside a transaction, or whose machine is lost, would hold its locks
/// until TCP gives up on it, hours later: its jobs could not be rescued, nor its server declared
/// dead. Between the statements of a transaction there is nothing that takes 10 s.
pub(super) const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; \
    SET LOCAL enable_seqscan = off; \
    SET LOCAL enable_bitmapscan = off; \
    SET LOCAL enable_hashjoin = off; \
    SET LOCAL enable_mergejoin = off; \
    SET LOCAL jit = off; \
    SET LOCAL plan_cache_mode = force_generic_plan; \
    SET LOCAL idle_in_transaction_session_timeout = '10s'";

/// A transaction, or a connection on which each statement is one. Rolls back when dropped.
pub(crate) struct PostgresOpen<'b> {
    backend: &'b Postgres,
    link: Link,
}

enum Link {
    Transaction(Transaction<'static, sqlx::Postgres>),
    Alone(Alone),
}

/// A connection that goes back to the pool once its statement is done. Dropped before, it is closed:
/// a statement that begins a transaction for itself may have left that open.
struct Alone {
    conn: PoolConnection<sqlx::Postgres>,
    done: bool,
}

impl Drop for Alone {
    fn drop(&mut self) {
        if !self.done {
            self.conn.close_on_drop();
        }
    }
}

impl<'b> PostgresOpen<'b> {
    pub(super) async fn begin(backend: &'b Postgres) -> Result<Self> {
        let link = Link::Transaction(begin::begin(&backend.pool, BEGIN).await?);
        Ok(Self { backend, link })
    }

    /// Without kept statements a statement is sent in two parts, which a pooler would give to
    /// two different servers unless a transaction holds them together.
    pub(super) async fn alone(backend: &'b Postgres) -> Result<Self> {
        if !backend.shared.keep {
            return Self::begin(backend).await;
        }
        let conn = backend.pool.acquire().await?;
        let link = Link::Alone(Alone { conn, done: false });
        Ok(Self { backend, link })
    }

    pub(crate) fn tables(&mut self) -> PostgresTables<'_> {
        let shared = &self.backend.shared;
        match &mut self.link {
            Link::Transaction(transaction) => PostgresTables::new(transaction, shared),
            Link::Alone(alone) => PostgresTables::alone(&mut alone.conn, shared),
        }
    }

    pub(crate) async fn commit(self) -> Result<()> {
        match self.link {
            Link::Transaction(transaction) => Ok(transaction.commit().await?),
            Link::Alone(mut alone) => {
                alone.done = true;
                Ok(())
            }
        }
    }
}
