//! A pool of the application's own.

use std::fmt;

/// Connections that the application has opened with sqlx, for
/// [`StorageOptions::from_pool`](crate::StorageOptions::from_pool).
///
/// Made by `.into()` from a `PgPool` or a `MySqlPool`.
#[derive(Clone)]
#[non_exhaustive]
pub enum Pool {
    /// To PostgreSQL.
    #[cfg(feature = "postgres")]
    Postgres(sqlx::PgPool),
    /// To MySQL or MariaDB.
    #[cfg(feature = "mysql")]
    MySql(sqlx::MySqlPool),
}

/// Without the options of its connections, which hold a password.
impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => "Postgres",
            #[cfg(feature = "mysql")]
            Self::MySql(_) => "MySql",
        })
    }
}

#[cfg(feature = "postgres")]
impl From<sqlx::PgPool> for Pool {
    fn from(pool: sqlx::PgPool) -> Self {
        Self::Postgres(pool)
    }
}

#[cfg(feature = "mysql")]
impl From<sqlx::MySqlPool> for Pool {
    fn from(pool: sqlx::MySqlPool) -> Self {
        Self::MySql(pool)
    }
}
