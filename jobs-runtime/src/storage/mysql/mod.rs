//! MySQL 8 and MariaDB 10.6 and later, by what both of them have.
//!
//! Neither gives back the rows that an UPDATE changed, so rows are locked and read first, and then
//! written, in one transaction. Every transaction is READ COMMITTED: the default locks the gaps
//! between rows as well, into which others enqueue. What a connection is told at its beginning
//! bounds how long things may take, and is not needed for what they come to.

mod batch;
mod batches;
mod claim;
mod clock;
mod connect;
mod edges;
mod history;
mod leases;
mod lines;
mod migrate;
mod monitor;
mod open;
mod places;
mod recurring;
mod retention;
mod running;
mod search;
mod seqs;
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

use sqlx::mysql::MySqlPool;
use sqlx::{MySqlConnection, Row};
use uuid::Uuid;

pub(crate) use open::MySqlOpen;
pub(crate) use tables::MySqlTables;
pub(crate) use values::waited_in_vain;

use self::tables::Shared;
use super::options::StorageOptions;
use crate::error::{Error, StorageError};

/// A pool of connections to one database, and the tables with one prefix in it.
pub(crate) struct MySql {
    pool: MySqlPool,
    /// The pool is the application's.
    lent: bool,
    shared: Shared,
    /// Host, port and database.
    place: String,
    /// The id of this storage, by which a foreign transaction is told.
    storage: Uuid,
    #[cfg(feature = "testing")]
    advance: sqlx::SqlStr,
}

impl MySql {
    pub(crate) const READY_ALONE: bool = false;
    pub(crate) const LOCKS_LEASES: bool = true;

    /// Opens the pool, and brings the schema up to date.
    pub(crate) async fn connect(options: &StorageOptions) -> Result<Self, Error> {
        connect::connect(connect::pool(options)?, false, options).await
    }

    /// Brings the tables in the database of the application's own pool up to date.
    pub(crate) async fn connect_to(
        pool: MySqlPool,
        options: &StorageOptions,
    ) -> Result<Self, Error> {
        connect::connect(pool, true, options).await
    }

    /// A write transaction.
    pub(crate) async fn begin(&self) -> Result<MySqlOpen<'_>, StorageError> {
        MySqlOpen::begin(self, open::WRITE).await
    }

    pub(crate) async fn alone(&self) -> Result<MySqlOpen<'_>, StorageError> {
        self.begin().await
    }

    /// One consistent view of the database, for reading only.
    pub(crate) async fn read(&self) -> Result<MySqlOpen<'_>, StorageError> {
        MySqlOpen::begin(self, open::READ).await
    }

    /// The caller's own transaction.
    pub(crate) fn join<'t>(&'t self, conn: &'t mut MySqlConnection) -> MySqlTables<'t> {
        MySqlTables::joined(conn, &self.shared)
    }

    /// Whether the connection sees this very storage. An error does not end the transaction.
    pub(crate) async fn check_ours(&self, conn: &mut MySqlConnection) -> Result<(), Error> {
        let found = match self.join(conn).storage().await {
            Ok(found) if found == Some(self.storage) => return Ok(()),
            Err(error) if !values::is_missing(&error) => return Err(error.into()),
            _ => sqlx::query("SELECT database()").fetch_one(conn).await,
        };
        let database = found.and_then(|row| row.try_get::<Option<String>, _>(0));
        let database = database.map_err(StorageError::from)?.unwrap_or_default();
        Err(Error::ForeignTransaction {
            expected: self.place(),
            found: format!("the MySQL database `{database}`, which does not hold them"),
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

    /// Moves the clock of the storage, which was opened as movable.
    #[cfg(feature = "testing")]
    pub(crate) async fn advance(&self, by: std::time::Duration) -> Result<(), StorageError> {
        let mut open = self.begin().await?;
        let mut tables = open.tables();
        let query = tables.query(&self.advance).bind(values::micros(by));
        tables.execute(query).await?;
        open.commit().await
    }
}
