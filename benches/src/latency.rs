//! From the call of enqueue to the job's first line, one job at a time on a runtime that has come
//! to rest, in turns with a plain insert of a row as wide: what the database alone takes for the
//! same promise, on the same machine at the same pace.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use jobs_runtime::Client;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::probe;
use crate::scenarios::{Outcome, milliseconds, rate, request, runtime};
use crate::target::{Target, connect};

/// The pause between two jobs whose latency is measured.
const CALM: Duration = Duration::from_millis(20);

/// Enqueued in the process that runs it.
pub(crate) async fn within(target: &Target, n: usize) -> Result<Outcome> {
    let storage = target.open().await?;
    let runtime = runtime(&storage, 10).await?;
    let outcome = measure(target, runtime.client(), n).await;
    runtime.shutdown().await?;
    storage.close().await;
    outcome
}

/// Enqueued by somebody who shares nothing with the runtime but the database.
pub(crate) async fn across(target: &Target, n: usize) -> Result<Outcome> {
    let (storage, other) = (target.open().await?, target.open().await?);
    let runtime = runtime(&storage, 10).await?;
    let outcome = measure(target, &Client::new(other.clone()), n).await;
    runtime.shutdown().await?;
    storage.close().await;
    other.close().await;
    outcome
}

/// In a task, as the handlers of a web server are: the thread that runs `main` is no worker of
/// tokio's, and each step from it to one would be a wake-up of another thread.
async fn measure(target: &Target, client: &Client, n: usize) -> Result<Outcome> {
    let (target, client) = (target.clone(), client.clone());
    tokio::spawn(async move { measure_here(&target, &client, n).await }).await?
}

async fn measure_here(target: &Target, client: &Client, n: usize) -> Result<Outcome> {
    let mut plain = Plain::open(target).await?;
    let mut latencies = Vec::with_capacity(n);
    let mut inserts = Vec::with_capacity(n);
    let begin = Instant::now();
    for number in 0..n {
        tokio::time::sleep(CALM).await;
        let before = probe::started();
        let called = probe::now();
        request(number).enqueue_with(client).await?;
        probe::until_started(before + 1).await;
        latencies.push(milliseconds(probe::last_start().saturating_sub(called)));

        tokio::time::sleep(CALM).await;
        let called = Instant::now();
        plain.insert(number).await?;
        inserts.push(milliseconds(called.elapsed()));
    }
    plain.close().await?;
    Ok(Outcome { latencies, inserts, ..Outcome::rate(rate(n, begin)) })
}

/// One connection that inserts.
enum Plain {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

impl Plain {
    async fn open(target: &Target) -> Result<Self> {
        const TABLE: &str = "
            CREATE TABLE plain_row (
                id bigint PRIMARY KEY, kind text NOT NULL, queue text NOT NULL,
                priority smallint NOT NULL, args text NOT NULL, state smallint NOT NULL DEFAULT 0
            );
            CREATE INDEX plain_ready ON plain_row (queue, priority, id) WHERE state = 0";
        Ok(match target {
            Target::Postgres(url) => {
                let mut connection = connect(url).await?;
                sqlx::raw_sql("DROP TABLE IF EXISTS plain_row").execute(&mut connection).await?;
                sqlx::raw_sql(TABLE).execute(&mut connection).await?;
                Self::Postgres(connection)
            }
            Target::MariaDb(_) => bail!("latency is not measured on MariaDB"),
            Target::Sqlite(directory) => {
                let file = directory.join("plain.db");
                // Of the run before.
                let _ = std::fs::remove_file(&file);
                let options = SqliteConnectOptions::new()
                    .filename(&file)
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full);
                let mut connection = SqliteConnection::connect_with(&options)
                    .await
                    .with_context(|| format!("cannot open {}", file.display()))?;
                sqlx::raw_sql(TABLE).execute(&mut connection).await?;
                Self::Sqlite(connection)
            }
        })
    }

    async fn insert(&mut self, number: usize) -> Result<()> {
        let id = i64::try_from(number)?;
        let args = "x".repeat(90);
        match self {
            Self::Postgres(connection) => {
                sqlx::query(
                    "INSERT INTO plain_row (id, kind, queue, priority, args) \
                     VALUES ($1, 'noop', 'bench', 0, $2)",
                )
                .bind(id)
                .bind(args)
                .execute(connection)
                .await?;
            }
            Self::Sqlite(connection) => {
                sqlx::query(
                    "INSERT INTO plain_row (id, kind, queue, priority, args) \
                     VALUES (?1, 'noop', 'bench', 0, ?2)",
                )
                .bind(id)
                .bind(args)
                .execute(connection)
                .await?;
            }
        }
        Ok(())
    }

    async fn close(self) -> Result<()> {
        match self {
            Self::Postgres(connection) => connection.close().await?,
            Self::Sqlite(connection) => connection.close().await?,
        }
        Ok(())
    }
}
