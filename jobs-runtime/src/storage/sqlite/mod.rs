//! Jobs in an SQLite file, or in memory.
//!
//! SQLite has one writer at a time, so all writes go through one connection, in turn; readers
//! have connections of their own, which see the last commit and never wait for the writer. Other
//! processes may use the same file: between them, SQLite's own lock decides.

mod batch;
mod batches;
mod claims;
mod edges;
mod history;
mod leases;
mod lines;
mod link;
mod migrate;
mod monitor;
mod open;
mod places;
mod recurring;
mod retention;
mod running;
mod search;
mod servers;
mod statements;
mod states;
mod tables;
mod tags;
#[cfg(test)]
mod tests;
mod throttles;
mod throughput;
mod unique;
mod values;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteConnection;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::Instant;
use uuid::Uuid;

use batch::Batches;
use link::{Begin, Link};
pub(crate) use open::SqliteOpen;
use statements::Statements;
use tables::SqliteTables;

use super::options::StorageOptions;
use super::sql::Render;
use crate::error::{Error, StorageError};

/// A storage in one file, or in memory.
pub(crate) struct Sqlite {
    place: String,
    /// The only connection that writes.
    writer: Arc<Mutex<Link>>,
    /// Empty in memory, where the writer reads as well.
    readers: Vec<Arc<Mutex<Link>>>,
    /// The reader that is waited for next when all are taken.
    next_reader: AtomicUsize,
    lock_timeout: Duration,
    statements: Statements,
    batches: Batches,
    /// The name of this storage, by which a transaction of the caller is recognised.
    id: Uuid,
    /// How far the clock is ahead of the system's, in microseconds: 0 outside tests.
    ahead: AtomicI64,
}

impl Sqlite {
    pub(crate) const READY_ALONE: bool = false;
    /// Whoever writes has the whole database to himself, and no lease.
    pub(crate) const LOCKS_LEASES: bool = false;

    pub(crate) async fn connect(options: &StorageOptions) -> Result<Self, Error> {
        let target = open::Target::parse(&options.url)?;
        let render = Render::new(format!("{}_", options.schema), String::new());
        let statements = Statements::render(&render);
        let mut writer = Link::new(target.writer(options));
        let unreachable = |error| open::unreachable(target.place(), options, error);
        writer.mend().await.map_err(unreachable)?;
        open::set_wal(&mut writer, &target, options).await.map_err(unreachable)?;
        migrate::run(&mut writer, &render, options, target.place()).await?;
        let id = open::storage_id(&mut writer, &statements).await.map_err(unreachable)?;
        writer.wait_briefly().await.map_err(unreachable)?;
        let readers = target.readers(options);
        Ok(Self {
            place: target.place().to_owned(),
            writer: Arc::new(Mutex::new(writer)),
            readers: readers.into_iter().map(|reader| Arc::new(Mutex::new(reader))).collect(),
            next_reader: AtomicUsize::new(0),
            lock_timeout: options.lock_timeout,
            statements,
            batches: Batches::render(&render),
            id,
            ahead: AtomicI64::new(0),
        })
    }

    /// A transaction that may write. Waits for its turn, then as long as the options say for
    /// writers outside this storage.
    pub(crate) async fn begin(&self) -> Result<SqliteOpen<'_>, StorageError> {
        let called = Instant::now();
        let mut link = Arc::clone(&self.writer).lock_owned().await;
        loop {
            match link.begin(Begin::Write).await {
                Ok(()) => return Ok(SqliteOpen::new(self, link)),
                Err(error) if link::is_locked(&error) && called.elapsed() < self.lock_timeout => {
                    tokio::time::sleep(link::pause()).await;
                }
                Err(error) => return Err(self.error(error)),
            }
        }
    }

    pub(crate) async fn alone(&self) -> Result<SqliteOpen<'_>, StorageError> {
        self.begin().await
    }

    /// One consistent view of the database, for reading only.
    pub(crate) async fn read(&self) -> Result<SqliteOpen<'_>, StorageError> {
        let mut link = self.reader().await;
        link.begin(Begin::Read).await.map_err(|error| self.error(error))?;
        Ok(SqliteOpen::new(self, link))
    }

    async fn reader(&self) -> OwnedMutexGuard<Link> {
        let free = |reader: &Arc<Mutex<Link>>| Arc::clone(reader).try_lock_owned().ok();
        if let Some(link) = self.readers.iter().find_map(free) {
            return link;
        }
        let turn = self.next_reader.fetch_add(1, Ordering::Relaxed);
        let reader = self.readers.get(turn % self.readers.len().max(1)).unwrap_or(&self.writer);
        Arc::clone(reader).lock_owned().await
    }

    /// The tables as the caller's own transaction sees them.
    pub(crate) fn join<'t>(&'t self, connection: &'t mut SqliteConnection) -> SqliteTables<'t> {
        SqliteTables::joined(self, connection)
    }

    /// Whether this is a connection to the database of this storage.
    pub(crate) async fn check_ours(&self, connection: &mut SqliteConnection) -> Result<(), Error> {
        open::check_ours(self, connection).await
    }

    pub(crate) fn place(&self) -> String {
        self.place.clone()
    }

    pub(crate) async fn close(&self) {
        for link in self.readers.iter().chain([&self.writer]) {
            link.lock().await.close().await;
        }
    }

    #[cfg(feature = "testing")]
    pub(crate) async fn advance(&self, by: Duration) -> Result<(), StorageError> {
        self.ahead.fetch_add(values::micros(by), Ordering::Relaxed);
        Ok(())
    }

    /// Microseconds since 1970.
    fn now(&self) -> i64 {
        let system: DateTime<Utc> = Utc::now();
        system.timestamp_micros().saturating_add(self.ahead.load(Ordering::Relaxed))
    }

    /// What an error on one of our own connections means.
    fn error(&self, error: sqlx::Error) -> StorageError {
        match link::is_locked(&error) {
            true => self.locked(self.lock_timeout),
            false => error.into(),
        }
    }

    fn locked(&self, waited: Duration) -> StorageError {
        StorageError::Locked { place: self.place.clone(), seconds: waited.as_secs() }
    }
}
