//! A fresh database for each run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use sqlx::{Connection, PgConnection};

/// The database of a run on PostgreSQL, made anew for each.
const DATABASE: &str = "jobs_compare";

/// The file of a run on SQLite.
const FILE: &str = "compare.db";

/// How long the connections of ended processes may take to close.
const UNTIL_CLOSED: Duration = Duration::from_secs(10);

/// Where the jobs of a run are stored.
#[derive(Debug)]
pub(crate) enum Place {
    /// The addresses of a database that stays, and of the one of the run.
    Postgres { server: String, url: String },
    /// The file.
    Sqlite(PathBuf),
}

impl Place {
    pub(crate) fn postgres(server: &str) -> Self {
        let base = server.rsplit_once('/').map_or(server, |(base, _)| base);
        Self::Postgres { server: server.to_owned(), url: format!("{base}/{DATABASE}") }
    }

    pub(crate) fn sqlite(directory: &Path) -> Self {
        Self::Sqlite(directory.join(FILE))
    }

    /// The address that a program is given.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Postgres { url, .. } => url.clone(),
            Self::Sqlite(file) => format!("sqlite://{}", file.display()),
        }
    }

    /// Makes the database anew.
    pub(crate) async fn refresh(&self) -> Result<()> {
        match self {
            Self::Postgres { server, .. } => {
                // Not by force, which the server refuses where its own upkeep is at work.
                until_closed(server).await?;
                let mut connection = connect(server).await?;
                let drop = format!("DROP DATABASE IF EXISTS {DATABASE}");
                let create = format!("CREATE DATABASE {DATABASE}");
                for statement in [drop, create] {
                    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await?;
                }
                connection.close().await?;
            }
            Self::Sqlite(file) => {
                for suffix in ["", "-wal", "-shm", "-journal"] {
                    remove(&PathBuf::from(format!("{}{suffix}", file.display())))?;
                }
            }
        }
        Ok(())
    }

    /// Does what a database that has held its jobs for a while has done by itself: it knows how
    /// many rows there are, and which pages hold only visible ones.
    pub(crate) async fn settle(&self) -> Result<()> {
        let Self::Postgres { server, url } = self else { return Ok(()) };
        let mut connection = connect(url).await?;
        sqlx::raw_sql("VACUUM ANALYZE").execute(&mut connection).await?;
        connection.close().await?;
        until_closed(server).await
    }
}

/// Waits until ended processes are noticed by the server, which counts what a connection has done
/// when it closes, at the latest. A connection that holds a transaction open is not waited for.
pub(crate) async fn until_closed(server: &str) -> Result<()> {
    let mut connection = connect(server).await?;
    let begin = Instant::now();
    while begin.elapsed() < UNTIL_CLOSED {
        let others: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 \
             AND backend_type = 'client backend' AND state IS DISTINCT FROM 'idle in transaction'",
        )
        .bind(DATABASE)
        .fetch_one(&mut connection)
        .await?;
        if others == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    connection.close().await?;
    Ok(())
}

/// What the server has counted, for the database of the run where it tells them apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counters {
    pub(crate) wal_bytes: i64,
    pub(crate) commits: i64,
    pub(crate) rows: i64,
}

impl Place {
    /// Nothing where the database does not count.
    pub(crate) async fn counters(&self) -> Result<Option<Counters>> {
        let Self::Postgres { server, .. } = self else { return Ok(None) };
        until_closed(server).await?;
        let mut connection = connect(server).await?;
        let (wal_bytes, commits, rows) = sqlx::query_as(
            "SELECT (pg_current_wal_lsn() - '0/0')::bigint, xact_commit, \
             tup_inserted + tup_updated + tup_deleted FROM pg_stat_database WHERE datname = $1",
        )
        .bind(DATABASE)
        .fetch_one(&mut connection)
        .await?;
        connection.close().await?;
        Ok(Some(Counters { wal_bytes, commits, rows }))
    }
}

pub(crate) async fn connect(url: &str) -> Result<PgConnection> {
    PgConnection::connect(url).await.with_context(|| format!("cannot connect to {url}"))
}

fn remove(file: &Path) -> Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", file.display()))
        }
        _ => Ok(()),
    }
}
