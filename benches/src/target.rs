//! Fresh storages to measure on.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use jobs_runtime::{Storage, StorageOptions};
use sqlx::{AssertSqlSafe, Connection, MySqlConnection, PgConnection, SqliteConnection};

/// A database to measure on.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    Postgres(String),
    MariaDb(String),
    Sqlite(PathBuf),
}

/// The schema of all runs on PostgreSQL, made anew for each.
pub(crate) const SCHEMA: &str = "jobs_bench";

/// # Errors
/// With the URL, if there is no such database.
pub(crate) async fn connect(url: &str) -> Result<PgConnection> {
    PgConnection::connect(url).await.with_context(|| format!("cannot connect to {url}"))
}

fn sqlite_url(directory: &Path) -> String {
    format!("sqlite://{}", directory.join("bench.db").display())
}

impl Target {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "postgres",
            Self::MariaDb(_) => "mariadb",
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
            Self::MariaDb(url) => {
                let mut connection = MySqlConnection::connect(url).await?;
                let anew = "DROP DATABASE jobs; CREATE DATABASE jobs";
                sqlx::raw_sql(anew).execute(&mut connection).await?;
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
            Self::MariaDb(url) => Ok(Storage::connect(url).await?),
            Self::Sqlite(directory) => Ok(Storage::connect(&sqlite_url(directory)).await?),
        }
    }

    /// Moves what has ended into the past, one written batch after the other, the first by so much.
    pub(crate) async fn spread_ends(&self, by: Duration) -> Result<()> {
        let seconds = by.as_secs();
        for table in ["job_finished", "run_failed"] {
            let (name, back) = match self {
                Self::Postgres(_) => {
                    let back = format!("{seconds} * interval '1 second'");
                    (format!("{SCHEMA}.{table}"), back)
                }
                _ => (format!("jobs_{table}"), format!("{seconds} * 1000000")),
            };
            let share = "(last - id) * 1.0 / last";
            let moved = match self {
                Self::Postgres(_) => format!("{share} * {back}"),
                Self::MariaDb(_) => format!("CAST({share} * {back} AS signed)"),
                Self::Sqlite(_) => format!("CAST({share} * {back} AS integer)"),
            };
            self.execute(match self {
                Self::Postgres(_) => format!(
                    "UPDATE {name} SET at = at - {moved}
                    FROM (SELECT max(id) AS last FROM {name}) AS ended"
                ),
                Self::MariaDb(_) => format!(
                    "UPDATE {name}, (SELECT MAX(id) AS last FROM {name}) AS ended
                    SET at = at - {moved}"
                ),
                Self::Sqlite(_) => format!(
                    "UPDATE {name} SET at = at - {moved}
                    FROM (SELECT max(id) AS last FROM {name}) AS ended"
                ),
            })
            .await?;
        }
        Ok(())
    }

    /// What the database does from time to time, done now.
    pub(crate) async fn tidy(&self) -> Result<()> {
        match self {
            Self::Postgres(_) => self.execute("VACUUM ANALYZE".to_owned()).await,
            Self::MariaDb(_) | Self::Sqlite(_) => Ok(()),
        }
    }

    async fn execute(&self, sql: String) -> Result<()> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        match self {
            Self::Postgres(url) => {
                let mut connection = connect(url).await?;
                sql.execute(&mut connection).await?;
                connection.close().await?;
            }
            Self::MariaDb(url) => {
                let mut connection = MySqlConnection::connect(url).await?;
                sql.execute(&mut connection).await?;
                connection.close().await?;
            }
            Self::Sqlite(directory) => {
                let mut connection = SqliteConnection::connect(&sqlite_url(directory)).await?;
                sql.execute(&mut connection).await?;
                connection.close().await?;
            }
        }
        Ok(())
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
