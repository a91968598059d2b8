//! Bringing the schema up to date.

use std::time::Instant;

use sqlx::sqlite::SqliteConnection;
use sqlx::{Executor, SqlStr};

use super::link::{self, Begin, Link};
use super::open;
use crate::error::{Error, StorageError};
use crate::storage::options::StorageOptions;
use crate::storage::sql::Render;

/// Version, name, statements.
type Migration = (i64, &'static str, &'static str);

const MIGRATIONS: &[Migration] = &[
    (1, "main", include_str!("../../../migrations/sqlite/0001_main.sql")),
    (2, "batches", include_str!("../../../migrations/sqlite/0002_batches.sql")),
    (3, "throttles", include_str!("../../../migrations/sqlite/0003_throttles.sql")),
    (4, "search", include_str!("../../../migrations/sqlite/0004_search.sql")),
    (6, "monitor", include_str!("../../../migrations/sqlite/0006_monitor.sql")),
    (7, "retries", include_str!("../../../migrations/sqlite/0007_retries.sql")),
    (8, "servers", include_str!("../../../migrations/sqlite/0008_servers.sql")),
    (9, "due", include_str!("../../../migrations/sqlite/0009_due.sql")),
];

const KNOWN: i64 = MIGRATIONS[MIGRATIONS.len() - 1].0;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS {p}schema_version (
    version integer PRIMARY KEY,
    name text NOT NULL,
    applied_at integer NOT NULL
) STRICT";
const EXISTS: &str = "SELECT count(*) FROM sqlite_schema
    WHERE type = 'table' AND name = '{p}schema_version'";
const VERSION: &str = "SELECT coalesce(max(version), 0) FROM {p}schema_version";
const NOTE: &str = "INSERT INTO {p}schema_version (version, name, applied_at) VALUES (?1, ?2, ?3)";

/// Runs the migrations that are missing, each in a transaction of its own, which also keeps
/// other processes out.
pub(super) async fn run(
    writer: &mut Link,
    render: &Render,
    options: &StorageOptions,
    place: &str,
) -> Result<(), Error> {
    let unreachable = |error| open::unreachable(place, options, error);
    loop {
        // Most starts find nothing to do, and need not wait for anybody's lock.
        let connection = writer.connection().map_err(unreachable)?;
        let found = version(connection, render).await.map_err(unreachable)?;
        if found > KNOWN {
            let place = place.to_owned();
            return Err(StorageError::SchemaTooNew { place, found, known: KNOWN }.into());
        }
        let Some(migration) = MIGRATIONS.iter().find(|(version, ..)| *version > found) else {
            return Ok(());
        };
        if !options.migrate && found == 0 {
            return Err(Error::Setting(format!(
                "{place} has no tables `{}_…`, and `migrate(false)` was given: run the \
                 migrations first",
                options.schema
            )));
        }
        if !options.migrate {
            tracing::warn!(found, known = KNOWN, place, "the schema is older than this program");
            return Ok(());
        }
        take_lock(writer, options, place).await?;
        apply(writer, render, *migration).await.map_err(|error| {
            let (version, name) = (migration.0, migration.1.to_owned());
            StorageError::Migration { place: place.to_owned(), version, name, source: error.into() }
        })?;
    }
}

async fn take_lock(
    writer: &mut Link,
    options: &StorageOptions,
    place: &str,
) -> Result<(), StorageError> {
    let began = Instant::now();
    loop {
        match writer.begin(Begin::Write).await {
            Ok(()) => return Ok(()),
            Err(error) if !link::is_locked(&error) => return Err(error.into()),
            Err(_) if began.elapsed() > options.lock_timeout => {
                let seconds = options.lock_timeout.as_secs();
                return Err(StorageError::Locked { place: place.to_owned(), seconds });
            }
            Err(_) => tokio::time::sleep(link::pause()).await,
        }
    }
}

async fn apply(
    writer: &mut Link,
    render: &Render,
    (version, name, text): Migration,
) -> Result<(), sqlx::Error> {
    let connection = writer.connection()?;
    // Another process may have run it while this one waited for the lock.
    if self::version(connection, render).await? < version {
        connection.execute(render.sql(TABLE)).await?;
        sqlx::raw_sql(render.sql(text)).execute(&mut *connection).await?;
        sqlx::query(render.sql(NOTE))
            .bind(version)
            .bind(name)
            .bind(chrono::Utc::now().timestamp_micros())
            .execute(connection)
            .await?;
    }
    writer.commit().await
}

async fn version(connection: &mut SqliteConnection, render: &Render) -> Result<i64, sqlx::Error> {
    let number = |sql: SqlStr| sqlx::query_scalar::<_, i64>(sql);
    match number(render.sql(EXISTS)).fetch_one(&mut *connection).await? {
        0 => Ok(0),
        _ => number(render.sql(VERSION)).fetch_one(connection).await,
    }
}
