//! PostgreSQL 13 and later.
//!
//! Nothing here needs the state of a session: no `SET` outlives its transaction, no lock its
//! transaction, and `search_path` is not used. So it works through a pooler that hands out
//! connections a transaction at a time.

mod batches;
mod claim;
mod clock;
mod connect;
mod edges;
mod floors;
mod history;
mod leases;
mod lines;
mod listener;
mod migrate;
mod monitor;
mod open;
mod places;
mod recurring;
mod retention;
mod running;
mod search;
mod servers;
mod statements;
mod states;
mod tables;
mod tags;
#[cfg(test)]
mod tests;
mod throttles;
mod throughput;
mod unique;
mod values;

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

pub(crate) use listener::Listener;
pub(crate) use open::PostgresOpen;
pub(crate) use tables::PostgresTables;

use self::tables::Shared;
use super::options::StorageOptions;
use crate::error::{Error, StorageError};

/// A pool of connections to one schema.
pub(crate) struct Postgres {
    pool: PgPool,
    /// The pool is the application's.
    lent: bool,
    shared: Shared,
    /// Host, port and database.
    place: String,
    /// The channel of the wake-ups.
    channel: String,
    /// The id of this storage, by which a foreign transaction is told.
    storage: Uuid,
    #[cfg(feature = "testing")]
    advance: sqlx::SqlStr,
}

impl Postgres {
    pub(crate) const READY_ALONE: bool = true;
    pub(crate) const LOCKS_LEASES: bool = true;

    /// Opens the pool, and brings the schema up to date.
    pub(crate) async fn connect(options: &StorageOptions) -> Result<Self, Error> {
        connect::connect(connect::pool(options)?, false, options).await
    }

    /// Brings the schema in the database of the application's own pool up to date.
    pub(crate) async fn connect_to(pool: PgPool, options: &StorageOptions) -> Result<Self, Error> {
        connect::connect(pool, true, options).await
    }

    /// A write transaction.
    pub(crate) async fn begin(&self) -> Result<PostgresOpen<'_>, StorageError> {
        PostgresOpen::begin(self).await
    }

    /// A connection for one statement that is a transaction by itself.
    pub(crate) async fn alone(&self) -> Result<PostgresOpen<'_>, StorageError> {
        PostgresOpen::alone(self).await
    }

    /// A connection for reading.
    pub(crate) async fn read(&self) -> Result<PostgresOpen<'_>, StorageError> {
        PostgresOpen::alone(self).await
    }

    /// The caller's own transaction.
    pub(crate) fn join<'t>(&'t self, conn: &'t mut PgConnection) -> PostgresTables<'t> {
        PostgresTables::new(conn, &self.shared)
    }

    /// Whether the connection sees this very storage. Asks for the table before it reads it,
    /// since an error would end the caller's transaction.
    pub(crate) async fn check_ours(&self, conn: &mut PgConnection) -> Result<(), Error> {
        let mut tables = self.join(conn);
        let (database, sees) = tables.sees_control().await?;
        if sees && tables.storage().await? == Some(self.storage) {
            return Ok(());
        }
        Err(Error::ForeignTransaction {
            expected: self.place(),
            found: format!("the PostgreSQL database `{database}`, which does not hold them"),
        })
    }

    /// Host, port and database, for messages.
    pub(crate) fn place(&self) -> String {
        self.place.clone()
    }

    pub(crate) async fn close(&self) {
        if !self.lent {
            self.pool.close().await;
        }
    }

    /// Tells listeners that these queues have grown.
    pub(crate) async fn notify(&self, queues: &[&str]) -> Result<(), StorageError> {
        let mut open = self.alone().await?;
        open.tables().notify(&self.channel, queues).await?;
        open.commit().await
    }

    /// Hears what other processes notify, on a connection of its own.
    pub(crate) async fn listen(&self) -> Result<Listener, StorageError> {
        Listener::connect(&self.pool, &self.channel).await
    }

    /// Moves the clock of the storage, which was opened as movable.
    #[cfg(feature = "testing")]
    pub(crate) async fn advance(&self, by: std::time::Duration) -> Result<(), StorageError> {
        let mut open = self.begin().await?;
        let tables = open.tables();
        let query = tables.query(&self.advance).bind(values::micros(by));
        query.execute(&mut *tables.conn).await?;
        open.commit().await
    }
}
