//! Opening the file, and what is open on it.

use std::path::Path;
use std::time::Instant;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Row};
use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

use super::Sqlite;
use super::link::{self, Link};
use super::statements::Statements;
use super::tables::SqliteTables;
use crate::error::{Error, StorageError};
use crate::storage::options::StorageOptions;
use crate::storage::tables::Result;

/// Readers beyond these would wait for the disk, not for each other.
const MOST_READERS: u32 = 4;
/// Pages of the log before they are moved into the file: 16 MiB. A queue that drains at full
/// speed fills SQLite's own 4 MiB within some twenty commits, and each move waits for the disk
/// twice more.
const LOG_PAGES: &str = "4000";
/// In KiB, as SQLite wants it: negative.
const WRITER_CACHE: &str = "-32768";
/// Statements kept prepared: all of them, and each size of each batch.
const KEPT_STATEMENTS: usize = 300;
/// Rows under way from SQLite's thread to the task, so that it need not stop at each.
const ROWS_UNDER_WAY: usize = 1_024;

/// The database that a URL names.
pub(super) struct Target {
    options: SqliteConnectOptions,
    place: String,
    memory: bool,
}

impl Target {
    pub(super) fn parse(url: &str) -> Result<Self> {
        let problem = |problem: String| StorageError::Url { url: url.to_owned(), problem };
        let rest = url.strip_prefix("sqlite:").ok_or_else(|| problem("no `sqlite:`".to_owned()))?;
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let (path, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let mut pairs = parameters.split('&').filter_map(|pair| pair.split_once('='));
        let mode = pairs.clone().find(|(key, _)| *key == "mode").map(|(_, value)| value);
        if path.is_empty() && mode != Some("memory") {
            return Err(problem("it names no file: write `sqlite://path/to/app.db`".to_owned()));
        }
        if mode == Some("ro") || pairs.any(|pair| pair == ("immutable", "true")) {
            return Err(problem("jobs cannot be kept in a database that is only read".to_owned()));
        }
        let memory = path == ":memory:" || mode == Some("memory");
        let options: SqliteConnectOptions =
            url.parse().map_err(|error: sqlx::Error| problem(error.to_string()))?;
        let options = match mode {
            None if !memory => options.create_if_missing(true),
            _ => options,
        };
        let place = match memory {
            true => "the memory of this process".to_owned(),
            false => place_of(options.get_filename()),
        };
        Ok(Self { options, place, memory })
    }

    pub(super) fn place(&self) -> &str {
        &self.place
    }

    fn common(&self, options: &StorageOptions) -> SqliteConnectOptions {
        self.options
            .clone()
            .foreign_keys(false)
            .pragma("synchronous", "FULL")
            .pragma("temp_store", "MEMORY")
            .busy_timeout(options.lock_timeout)
            .statement_cache_capacity(KEPT_STATEMENTS)
            .row_buffer_size(ROWS_UNDER_WAY)
            .disable_statement_logging()
    }

    pub(super) fn writer(&self, options: &StorageOptions) -> SqliteConnectOptions {
        self.common(options)
            .pragma("cache_size", WRITER_CACHE)
            .pragma("wal_autocheckpoint", LOG_PAGES)
            .thread_name(|_| "jobs-sqlite-writer".to_owned())
    }

    /// Readers that connect when they are first used.
    pub(super) fn readers(&self, options: &StorageOptions) -> Vec<Link> {
        if self.memory {
            return Vec::new();
        }
        let options_of = |_| {
            // Not opened read-only: after a crash, the first reader may have to restore the log.
            Link::new(
                self.common(options)
                    .create_if_missing(false)
                    .pragma("query_only", "ON")
                    .thread_name(|number| format!("jobs-sqlite-reader-{number}")),
            )
        };
        (0..options.pool_size().min(MOST_READERS)).map(options_of).collect()
    }
}

/// Why the storage cannot be opened.
pub(super) fn unreachable(
    place: &str,
    options: &StorageOptions,
    error: sqlx::Error,
) -> StorageError {
    let place = place.to_owned();
    match link::is_locked(&error) {
        true => StorageError::Locked { place, seconds: options.lock_timeout.as_secs() },
        false => StorageError::Unreachable { place, source: error.into() },
    }
}

fn place_of(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

/// Turns write-ahead logging on, which SQLite refuses at once while anybody else is connected in
/// another mode.
pub(super) async fn set_wal(
    writer: &mut Link,
    target: &Target,
    options: &StorageOptions,
) -> std::result::Result<(), sqlx::Error> {
    if target.memory {
        return Ok(());
    }
    let began = Instant::now();
    loop {
        let connection = writer.connection()?;
        let mode: std::result::Result<String, _> =
            sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *connection).await;
        let set = match mode {
            Ok(mode) if mode.eq_ignore_ascii_case("wal") => return Ok(()),
            Ok(_) => sqlx::query("PRAGMA journal_mode = WAL").execute(connection).await.map(drop),
            Err(error) => Err(error),
        };
        match set {
            Err(error) if !link::is_locked(&error) || began.elapsed() > options.lock_timeout => {
                return Err(error);
            }
            Err(_) => tokio::time::sleep(link::pause()).await,
            Ok(()) => {}
        }
    }
}

pub(super) async fn storage_id(
    writer: &mut Link,
    statements: &Statements,
) -> std::result::Result<Uuid, sqlx::Error> {
    let sql = statements.storage_id.clone();
    sqlx::query(sql).fetch_one(writer.connection()?).await?.try_get(0)
}

/// Asks in such a way that a transaction that has only begun takes the lock of the writer, and
/// waits for it: had it read first, it could not wait any more.
pub(super) async fn check_ours(
    storage: &Sqlite,
    connection: &mut SqliteConnection,
) -> std::result::Result<(), Error> {
    let began = Instant::now();
    let asked = ask_id(storage, connection).await;
    let foreign = match asked {
        Ok(id) => id != Some(storage.id),
        Err(error) if link::is_stale(&error) => return Err(StorageError::Stale.into()),
        Err(error) if link::is_locked(&error) => {
            return Err(storage.locked(began.elapsed()).into());
        }
        // No such table.
        Err(sqlx::Error::Database(_)) => true,
        Err(error) => return Err(StorageError::from(error).into()),
    };
    if !foreign {
        return Ok(());
    }
    let file: std::result::Result<String, _> =
        sqlx::query_scalar("SELECT file FROM pragma_database_list WHERE name = 'main'")
            .fetch_one(connection)
            .await;
    let found = file.ok().filter(|file| !file.is_empty());
    let found = found.unwrap_or_else(|| "another SQLite database".to_owned());
    Err(Error::ForeignTransaction { expected: storage.place(), found })
}

async fn ask_id(
    storage: &Sqlite,
    connection: &mut SqliteConnection,
) -> std::result::Result<Option<Uuid>, sqlx::Error> {
    let statements = &storage.statements;
    sqlx::query(statements.take_lock.clone()).execute(&mut *connection).await?;
    let row = sqlx::query(statements.storage_id.clone()).fetch_optional(connection).await?;
    row.map(|row| row.try_get(0)).transpose()
}

/// A transaction on one of the storage's connections. Rolled back if it is dropped.
pub(crate) struct SqliteOpen<'s> {
    storage: &'s Sqlite,
    link: OwnedMutexGuard<Link>,
}

impl<'s> SqliteOpen<'s> {
    pub(super) fn new(storage: &'s Sqlite, link: OwnedMutexGuard<Link>) -> Self {
        Self { storage, link }
    }

    pub(crate) fn tables(&mut self) -> SqliteTables<'_> {
        SqliteTables::of(self.storage, &mut self.link)
    }

    pub(crate) async fn commit(mut self) -> Result<()> {
        self.link.commit().await.map_err(|error| self.storage.error(error))
    }
}

impl Drop for SqliteOpen<'_> {
    /// Whoever takes the connection next would roll back as well; but until then other processes
    /// could not write.
    fn drop(&mut self) {
        if !self.link.is_open() {
            return;
        }
        let link = OwnedMutexGuard::mutex(&self.link).clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let mut link = link.lock_owned().await;
                // A connection that cannot be mended says so to whoever uses it next.
                let _ = link.mend().await;
            });
        }
    }
}
