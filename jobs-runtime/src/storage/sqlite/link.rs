//! One connection that is repaired when something was left behind on it.

use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, Error};

/// SQLite's own wait for the lock cannot be called off, and blocks the connection.
const BRIEFLY: &str = "PRAGMA busy_timeout = 20";

/// A connection, with a note of whether a transaction is open on it.
///
/// sqlx's own transactions are not used: when SQLite itself rolls back, as on a full disk, they
/// count one transaction too many from then on, and the connection is of no more use.
pub(super) struct Link {
    options: SqliteConnectOptions,
    connection: Option<SqliteConnection>,
    /// Set before a transaction begins and cleared after its end, so that it is still set if the
    /// future between the two was dropped.
    open: bool,
    brief: bool,
    closed: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Begin {
    Read,
    Write,
}

impl Link {
    /// Connects when it is first used.
    pub(super) fn new(options: SqliteConnectOptions) -> Self {
        Self { options, connection: None, open: false, brief: false, closed: false }
    }

    pub(super) fn connection(&mut self) -> Result<&mut SqliteConnection, Error> {
        self.connection.as_mut().ok_or(Error::PoolClosed)
    }

    /// From now on the lock is asked for again and again instead of waited for.
    pub(super) async fn wait_briefly(&mut self) -> Result<(), Error> {
        self.brief = true;
        self.run(BRIEFLY).await
    }

    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    pub(super) async fn begin(&mut self, begin: Begin) -> Result<(), Error> {
        self.mend().await?;
        self.open = true;
        let sql = match begin {
            Begin::Read => "BEGIN",
            Begin::Write => "BEGIN IMMEDIATE",
        };
        let begun = self.run(sql).await;
        self.open = begun.is_ok();
        begun
    }

    pub(super) async fn commit(&mut self) -> Result<(), Error> {
        self.run("COMMIT").await?;
        self.open = false;
        Ok(())
    }

    /// Rolls back what was left open, and connects if there is no connection.
    pub(super) async fn mend(&mut self) -> Result<(), Error> {
        if self.open {
            // Refused if nothing is open after all: the transaction ended before it was noted.
            match self.run("ROLLBACK").await {
                Ok(()) | Err(Error::Database(_)) => {}
                Err(_) => self.connection = None,
            }
            self.open = false;
        }
        if self.connection.is_none() && !self.closed {
            self.connection = Some(self.options.connect().await?);
            if self.brief {
                self.run(BRIEFLY).await?;
            }
        }
        Ok(())
    }

    async fn run(&mut self, sql: &'static str) -> Result<(), Error> {
        let ran = sqlx::query(sql).execute(self.connection()?).await;
        if matches!(ran, Err(Error::WorkerCrashed)) {
            self.connection = None;
        }
        ran.map(drop)
    }

    pub(super) async fn close(&mut self) {
        self.closed = true;
        if let Some(connection) = self.connection.take() {
            // What is not committed is not wanted, and nothing else can fail.
            let _ = connection.close().await;
        }
    }
}

/// Whether another connection holds a lock that this one waited for in vain.
pub(super) fn is_locked(error: &Error) -> bool {
    const BUSY: i32 = 5;
    const LOCKED: i32 = 6;
    matches!(code(error).map(|code| code & 0xff), Some(BUSY | LOCKED))
}

/// Whether another connection has written since this one began to read.
pub(super) fn is_stale(error: &Error) -> bool {
    const BUSY_SNAPSHOT: i32 = 517;
    code(error) == Some(BUSY_SNAPSHOT)
}

/// Whether a value was larger than SQLite allows.
pub(super) fn is_too_big(error: &Error) -> bool {
    const TOO_BIG: i32 = 18;
    code(error) == Some(TOO_BIG)
}

fn code(error: &Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}

/// How long to wait before asking for the lock again; at random, so that several processes do
/// not ask in step.
pub(super) fn pause() -> Duration {
    Duration::from_micros(rand::random_range(500..5_000))
}
