//! The caller's own transaction.

use std::fmt;

/// A transaction that the caller has begun with sqlx, to store jobs in.
///
/// Made by `.into()` from `&mut sqlx::Transaction<…>` and from `&mut` connections.
#[non_exhaustive]
pub enum Transaction<'t> {
    /// On SQLite.
    #[cfg(feature = "sqlite")]
    Sqlite(&'t mut sqlx::SqliteConnection),
    /// On PostgreSQL.
    #[cfg(feature = "postgres")]
    Postgres(&'t mut sqlx::PgConnection),
    /// On MySQL or MariaDB.
    #[cfg(feature = "mysql")]
    MySql(&'t mut sqlx::MySqlConnection),
}

impl Transaction<'_> {
    pub(crate) fn database(&self) -> &'static str {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => "SQLite",
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => "PostgreSQL",
            #[cfg(feature = "mysql")]
            Self::MySql(_) => "MySQL",
        }
    }
}

impl fmt::Debug for Transaction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Transaction").field(&self.database()).finish()
    }
}

macro_rules! from_sqlx {
    ($feature:literal, $variant:ident, $database:ty, $connection:ty) => {
        #[cfg(feature = $feature)]
        impl<'t> From<&'t mut sqlx::Transaction<'_, $database>> for Transaction<'t> {
            fn from(transaction: &'t mut sqlx::Transaction<'_, $database>) -> Self {
                Self::$variant(&mut *transaction)
            }
        }

        #[cfg(feature = $feature)]
        impl<'t> From<&'t mut $connection> for Transaction<'t> {
            fn from(connection: &'t mut $connection) -> Self {
                Self::$variant(connection)
            }
        }
    };
}

from_sqlx!("sqlite", Sqlite, sqlx::Sqlite, sqlx::SqliteConnection);
from_sqlx!("postgres", Postgres, sqlx::Postgres, sqlx::PgConnection);
from_sqlx!("mysql", MySql, sqlx::MySql, sqlx::MySqlConnection);
