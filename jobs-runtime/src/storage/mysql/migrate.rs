//! Bringing the schema up to date.
//!
//! MySQL commits at each statement that changes the schema, so that a process may leave a migration
//! half-way. Whoever runs it again passes over what is done, and its version is noted last. One
//! connection holds the lock, in a transaction that changes nothing, while another migrates.

use sqlx::mysql::MySqlConnectOptions;
use sqlx::{Connection, MySqlConnection, Row};

use super::values::number_of;
use super::{clock, open};
use crate::error::{Error, StorageError};
use crate::storage::options::StorageOptions;
use crate::storage::reach::reach;
use crate::storage::sql::Render;

/// Version, name, statements.
type Migration = (i64, &'static str, &'static str);

/// All migrations, in ascending order from 1.
const MIGRATIONS: &[Migration] = &[
    (1, "main", include_str!("../../../migrations/mysql/0001_main.sql")),
    (2, "batches", include_str!("../../../migrations/mysql/0002_batches.sql")),
    (3, "throttles", include_str!("../../../migrations/mysql/0003_throttles.sql")),
    (4, "search", include_str!("../../../migrations/mysql/0004_search.sql")),
    (6, "monitor", include_str!("../../../migrations/mysql/0006_monitor.sql")),
    (7, "retries", include_str!("../../../migrations/mysql/0007_retries.sql")),
    (8, "servers", include_str!("../../../migrations/mysql/0008_servers.sql")),
    (9, "due", include_str!("../../../migrations/mysql/0009_due.sql")),
];

const KNOWN: i64 = MIGRATIONS[MIGRATIONS.len() - 1].0;

/// What stands for `{table}` in a migration.
const TABLE: &str = "ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 \
    /*M! COLLATE utf8mb4_nopad_bin */ /*!80017 COLLATE utf8mb4_0900_bin */";

const FIRST: [&str; 3] = [
    "CREATE TABLE IF NOT EXISTS {p}schema_lock (id tinyint NOT NULL PRIMARY KEY) ENGINE=InnoDB",
    "INSERT IGNORE INTO {p}schema_lock (id) VALUES (1)",
    "CREATE TABLE IF NOT EXISTS {p}schema_version (
        version bigint NOT NULL PRIMARY KEY,
        name varchar(200) NOT NULL,
        applied_at bigint NOT NULL
    ) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4",
];
const LOCK: &str = "SELECT id FROM {p}schema_lock FOR UPDATE";
const VERSION: &str = "SELECT COALESCE(MAX(version), 0) FROM {p}schema_version";
const NOTE: &str = "INSERT INTO {p}schema_version (version, name, applied_at)
    VALUES (?, ?, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)))";

/// Runs the migrations that are missing. Without leave to migrate, only looks.
pub(super) async fn migrate(
    conn: &mut MySqlConnection,
    connect: &MySqlConnectOptions,
    render: &Render,
    options: &StorageOptions,
    place: &str,
) -> Result<(), Error> {
    // Most starts find nothing to do, and need not wait for anybody's lock.
    let found = version(conn, render).await?;
    if !is_enough(found, options, place)? {
        for sql in FIRST {
            run(conn, render, sql).await.map_err(StorageError::from)?;
        }
        let mut other = reach(connect, place).await?;
        let mut lock = other.begin_with(open::WRITE).await.map_err(StorageError::from)?;
        sqlx::raw_sql(render.sql(LOCK)).execute(&mut *lock).await.map_err(StorageError::from)?;
        migrate_all(conn, render, place).await?;
        lock.rollback().await.map_err(StorageError::from)?;
    }
    if options.movable_clock {
        clock::create(conn, render).await.map_err(StorageError::from)?;
    }
    Ok(())
}

/// Runs what is missing, now that nobody else does.
async fn migrate_all(
    conn: &mut MySqlConnection,
    render: &Render,
    place: &str,
) -> Result<(), StorageError> {
    let found = version(conn, render).await?;
    for (version, name, text) in MIGRATIONS.iter().filter(|(version, ..)| *version > found) {
        apply(conn, render, *version, name, text).await.map_err(|error| {
            let (place, name) = (place.to_owned(), (*name).to_owned());
            StorageError::Migration { place, version: *version, name, source: error.into() }
        })?;
        tracing::info!(version, name, place, "schema migrated");
    }
    Ok(())
}

async fn apply(
    conn: &mut MySqlConnection,
    render: &Render,
    version: i64,
    name: &str,
    text: &str,
) -> sqlx::Result<()> {
    let text = text.replace("{table}", TABLE);
    // A semicolon at the end of a line ends a statement; the last one is followed by nothing.
    for statement in text.split(";\n").filter(|statement| !statement.trim().is_empty()) {
        match run(conn, render, statement).await {
            Err(error) if is_done(&error) => {}
            done => done?,
        }
    }
    let note = sqlx::query(render.sql(NOTE)).bind(version).bind(name);
    note.execute(conn).await.map(drop)
}

async fn run(conn: &mut MySqlConnection, render: &Render, sql: &str) -> sqlx::Result<()> {
    sqlx::raw_sql(render.sql(sql)).execute(conn).await.map(drop)
}

/// Whether a statement failed since it has been run before.
fn is_done(error: &sqlx::Error) -> bool {
    const TABLE_EXISTS: u16 = 1050;
    const COLUMN_EXISTS: u16 = 1060;
    const INDEX_EXISTS: u16 = 1061;
    const NOTHING_TO_DROP: u16 = 1091;
    let number = number_of(error);
    [TABLE_EXISTS, COLUMN_EXISTS, INDEX_EXISTS, NOTHING_TO_DROP].map(Some).contains(&number)
}

/// Zero if there is none.
async fn version(conn: &mut MySqlConnection, render: &Render) -> Result<i64, StorageError> {
    match sqlx::raw_sql(render.sql(VERSION)).fetch_one(conn).await.map_err(StorageError::from) {
        Ok(row) => Ok(row.try_get(0)?),
        Err(error) if super::values::is_missing(&error) => Ok(0),
        Err(error) => Err(error),
    }
}

/// Whether a schema of this version is worked with as it is.
fn is_enough(found: i64, options: &StorageOptions, place: &str) -> Result<bool, Error> {
    if found > KNOWN {
        let place = place.to_owned();
        return Err(StorageError::SchemaTooNew { place, found, known: KNOWN }.into());
    }
    if found == KNOWN || options.migrate {
        return Ok(found == KNOWN);
    }
    if found == 0 {
        return Err(Error::Setting(format!(
            "{place} has no tables `{}_…`, and `migrate(false)` was given: run the migrations first",
            options.schema
        )));
    }
    tracing::warn!(found, known = KNOWN, place, "the schema is older than this program");
    Ok(true)
}
