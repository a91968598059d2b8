//! Fresh storages to measure on.

use std::path::PathBuf;

use anyhow::{Context, Result};
use jobs_runtime::{Storage, StorageOptions};
use sqlx::{Connection, PgConnection};

/// A database to measure on.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    Postgres(String),
    Sqlite(PathBuf),
}

/// The schema of all runs on PostgreSQL, made anew for each.
pub(crate) const SCHEMA: &str = "jobs_bench";

/// # Errors
/// With the URL, if there is no such database.
pub(crate) async fn connect(url: &str) -> Result<PgConnection> {
    PgConnection::connect(url).await.with_context(|| format!("cannot connect to {url}"))
}

impl Target {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "postgres",
            Self::Sqlite(_) => "sqlite",
        }
    }

    /// Empties the database and opens it.
    pub(crate) async fn fresh(&self) -> Result<Storage> {
        self.clear().await?;
        self.open().await
    }

    /// Empties the database.
    pub(crate) async fn clear(&self) -> Result<()> {
        match self {
            Self::Postgres(url) => {
                let mut connection = connect(url).await?;
                sqlx::raw_sql("DROP SCHEMA IF EXISTS jobs_bench CASCADE")
                    .execute(&mut connection)
                    .await?;
                connection.close().await?;
            }
            Self::Sqlite(directory) => {
                for suffix in ["", "-wal", "-shm"] {
                    // The file of the run before; there is none before the first.
                    let _ = std::fs::remove_file(directory.join(format!("bench.db{suffix}")));
                }
            }
        }
        Ok(())
    }

    /// Opens the database as it is.
    pub(crate) async fn open(&self) -> Result<Storage> {
        match self {
            Self::Postgres(url) => Ok(StorageOptions::new(url).schema(SCHEMA).connect().await?),
            Self::Sqlite(directory) => {
                let url = format!("sqlite://{}", directory.join("bench.db").display());
                Ok(Storage::connect(&url).await?)
            }
        }
    }

    /// The number of statements that the database has been sent, where it counts them: on
    /// PostgreSQL the transactions of this database.
    pub(crate) async fn transactions(&self) -> Result<Option<i64>> {
        let Self::Postgres(url) = self else { return Ok(None) };
        let mut connection = connect(url).await?;
        let count = sqlx::query_scalar::<_, i64>(
            "SELECT (xact_commit + xact_rollback)::bigint FROM pg_stat_database \
             WHERE datname = current_database()",
        )
        .fetch_one(&mut connection)
        .await?;
        connection.close().await?;
        Ok(Some(count))
    }
}
