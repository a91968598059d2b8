//! Bringing the schema up to date.

use sqlx::{Connection, PgConnection, SqlSafeStr};

use super::clock;
use super::tables::{PostgresTables, Shared};
use crate::error::{Error, StorageError};
use crate::storage::options::StorageOptions;
use crate::storage::sql::Render;

struct Migration {
    version: i64,
    name: &'static str,
    sql: &'static str,
}

/// All migrations, in ascending order from 1.
const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "main",
        sql: include_str!("../../../migrations/postgres/0001_main.sql"),
    },
    Migration {
        version: 2,
        name: "batches",
        sql: include_str!("../../../migrations/postgres/0002_batches.sql"),
    },
    Migration {
        version: 3,
        name: "throttles",
        sql: include_str!("../../../migrations/postgres/0003_throttles.sql"),
    },
    Migration {
        version: 4,
        name: "search",
        sql: include_str!("../../../migrations/postgres/0004_search.sql"),
    },
    Migration {
        version: 6,
        name: "monitor",
        sql: include_str!("../../../migrations/postgres/0006_monitor.sql"),
    },
    Migration {
        version: 7,
        name: "retries",
        sql: include_str!("../../../migrations/postgres/0007_retries.sql"),
    },
    Migration {
        version: 8,
        name: "servers",
        sql: include_str!("../../../migrations/postgres/0008_servers.sql"),
    },
    Migration {
        version: 9,
        name: "due",
        sql: include_str!("../../../migrations/postgres/0009_due.sql"),
    },
];

const VERSIONS: &str = "CREATE TABLE {p}schema_version (
    version bigint PRIMARY KEY,
    name text NOT NULL,
    applied_at timestamptz NOT NULL
)";

/// Runs the migrations that are missing, each in a transaction of its own, under a lock that
/// ends with it. Without leave to migrate, only looks.
pub(super) async fn migrate(
    conn: &mut PgConnection,
    render: &Render,
    shared: &Shared,
    options: &StorageOptions,
    place: &str,
) -> Result<(), Error> {
    let known = MIGRATIONS.last().map_or(0, |migration| migration.version);
    while step(conn, render, shared, options, place, known).await? {}
    if options.movable_clock {
        let mut tx = conn.begin().await.map_err(StorageError::from)?;
        let mut tables = PostgresTables::new(&mut tx, shared);
        tables.lock_migrations().await?;
        clock::create(&mut tx, render).await?;
        tx.commit().await.map_err(StorageError::from)?;
    }
    Ok(())
}

/// Runs the next migration. Says whether there may be another one.
async fn step(
    conn: &mut PgConnection,
    render: &Render,
    shared: &Shared,
    options: &StorageOptions,
    place: &str,
    known: i64,
) -> Result<bool, Error> {
    let begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE".into_sql_str();
    let mut tx = conn.begin_with(begin).await.map_err(StorageError::from)?;
    let mut tables = PostgresTables::new(&mut tx, shared);
    let found = tables.version(&options.schema).await?;
    if is_enough(found, known, options, place)? {
        return Ok(false);
    }
    tables.lock_migrations().await?;
    // Another process may have run it while this one waited for the lock.
    let found = tables.version(&options.schema).await?;
    let next = found.unwrap_or(0);
    let Some(migration) = MIGRATIONS.iter().find(|migration| migration.version > next) else {
        return Ok(true);
    };
    let failed = |error: sqlx::Error| StorageError::Migration {
        place: place.to_owned(),
        version: migration.version,
        name: migration.name.to_owned(),
        source: error.into(),
    };
    if found.is_none() {
        if !tables.has_schema(&options.schema).await? {
            let create = render.sql(&format!("CREATE SCHEMA \"{}\"", options.schema));
            sqlx::raw_sql(create).execute(&mut *tx).await.map_err(failed)?;
        }
        sqlx::raw_sql(render.sql(VERSIONS)).execute(&mut *tx).await.map_err(failed)?;
    }
    sqlx::raw_sql(render.sql(migration.sql)).execute(&mut *tx).await.map_err(failed)?;
    let mut tables = PostgresTables::new(&mut tx, shared);
    tables.note_version(migration.version, migration.name).await?;
    tx.commit().await.map_err(StorageError::from)?;
    tracing::info!(version = migration.version, name = migration.name, place, "schema migrated");
    Ok(true)
}

/// Whether a schema of this version is worked with as it is.
fn is_enough(
    found: Option<i64>,
    known: i64,
    options: &StorageOptions,
    place: &str,
) -> Result<bool, Error> {
    match found {
        Some(found) if found > known => {
            Err(StorageError::SchemaTooNew { place: place.to_owned(), found, known }.into())
        }
        Some(found) if found == known => Ok(true),
        _ if options.migrate => Ok(false),
        Some(found) if found > 0 => {
            tracing::warn!(found, known, place, "the schema is older than this program");
            Ok(true)
        }
        _ => Err(Error::Setting(format!(
            "there is no schema `{}` of this library in {place}, and `migrate` is off: run the \
             migrations first",
            options.schema
        ))),
    }
}
