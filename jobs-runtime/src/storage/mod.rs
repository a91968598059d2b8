//! Where jobs are kept: one interface over several databases.

#[macro_use]
mod within;

mod batches;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod begin;
mod calls;
#[cfg(any(feature = "sqlite", feature = "mysql"))]
mod inserts;
mod model;
mod monitor;
#[cfg(feature = "mysql")]
mod mysql;
mod notifier;
mod ops;
mod options;
mod packing;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod pool;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod reach;
mod recurring;
mod retry;
mod rows;
mod search;
mod servers;
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;
mod tables;
#[cfg(test)]
mod tests;
mod throttles;
mod transaction;
#[cfg(any(feature = "sqlite", feature = "mysql"))]
mod values;

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use notifier::Notifier;
use tables::Tables;

pub(crate) use batches::{Graph, NewBatch, Node as GraphNode};
pub use model::Placement;
pub(crate) use model::{
    ClaimParams, Claimed, Completion, Count, Due, EdgeRow, LeaseParams, LogRow, Member, NewJob,
    Outcome, Placed, Report, Settled, Stored,
};
pub use monitor::{
    BatchMember, BatchNode, Counts, EdgeRecord, EventRecord, Holder, JobRecord, KindRecord,
    LastRun, LogLine, QueueLoad, QueueRecord, RunEnd, RunRecord, ServerRecord, StepRecord,
    StoredKind, Summary, Throughput,
};
#[cfg(feature = "mysql")]
pub(crate) use mysql::waited_in_vain;
pub(crate) use ops::{
    Act, Claims, Complete, Completed, Effects, Fired, StoredGraph, Stride, Sweep, is_gated,
    may_hold_slot,
};
pub use ops::{Acted, ActedAll, Retention};
pub use options::StorageOptions;
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub use pool::Pool;
pub(crate) use recurring::{FireRow, RecurringRow};
pub use search::{Cursor, JobFilter, JobPage};
pub(crate) use servers::{Beat, KindRow, NewServer, Poll, ServerRow, Signs, Vitals};
pub use throttles::ThrottleRecord;
pub use transaction::Transaction;

use crate::client::Signals;
use crate::error::{Error, StorageError};
use crate::protect::Keys;

type Result<T> = std::result::Result<T, StorageError>;

/// So many lines of log are kept of a job.
pub(crate) const MOST_LOG_LINES: i64 = 10_000;

/// A database that keeps jobs, by whatever driver. Cheap to clone; all clones share one pool.
///
/// ```no_run
/// # async fn example() -> Result<(), jobs_runtime::Error> {
/// let storage = jobs_runtime::Storage::connect("sqlite://app.db").await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Storage(Arc<Inner>);

struct Inner {
    backend: Backend,
    keys: Option<Keys>,
    signals: Arc<Signals>,
    notifier: Notifier,
}

enum Backend {
    #[cfg(feature = "sqlite")]
    Sqlite(Box<sqlite::Sqlite>),
    #[cfg(feature = "postgres")]
    Postgres(Box<postgres::Postgres>),
    #[cfg(feature = "mysql")]
    MySql(Box<mysql::MySql>),
}

impl Storage {
    /// Opens the database behind this URL, with the defaults of [`StorageOptions`], and brings
    /// its schema up to date.
    ///
    /// # Errors
    /// [`Error::Storage`]: the URL is not one, the database cannot be reached, or its schema is
    /// newer than this program.
    pub async fn connect(url: &str) -> std::result::Result<Self, Error> {
        StorageOptions::new(url).connect().await
    }

    /// Where the jobs are, without a password.
    #[must_use]
    pub fn place(&self) -> String {
        backend!(self, |backend| backend.place())
    }

    /// Closes all connections, and further operations fail. A pool that the storage was [given
    /// ](StorageOptions::from_pool) stays open.
    pub async fn close(&self) {
        backend!(self, |backend| backend.close().await);
    }

    /// Moves the clock of the storage forward.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    #[cfg(feature = "testing")]
    pub async fn advance(&self, by: std::time::Duration) -> std::result::Result<(), Error> {
        backend!(self, |backend| backend.advance(by).await)?;
        self.0.signals.wake_all();
        Ok(())
    }

    pub(crate) fn keys(&self) -> Option<&Keys> {
        self.0.keys.as_ref()
    }

    pub(crate) async fn now(&self) -> Result<DateTime<Utc>> {
        within!(self, read, |t| t.now().await?)
    }

    /// Whether a transaction that ends a job locks the lease that it is in.
    pub(crate) fn locks_leases(&self) -> bool {
        match &self.0.backend {
            #[cfg(feature = "sqlite")]
            Backend::Sqlite(_) => sqlite::Sqlite::LOCKS_LEASES,
            #[cfg(feature = "postgres")]
            Backend::Postgres(_) => postgres::Postgres::LOCKS_LEASES,
            #[cfg(feature = "mysql")]
            Backend::MySql(_) => mysql::MySql::LOCKS_LEASES,
        }
    }

    fn ready_alone(&self) -> bool {
        match &self.0.backend {
            #[cfg(feature = "sqlite")]
            Backend::Sqlite(_) => sqlite::Sqlite::READY_ALONE,
            #[cfg(feature = "postgres")]
            Backend::Postgres(_) => postgres::Postgres::READY_ALONE,
            #[cfg(feature = "mysql")]
            Backend::MySql(_) => mysql::MySql::READY_ALONE,
        }
    }

    /// Hears of lines that other processes have made longer, where the database has a way to.
    #[cfg(feature = "postgres")]
    pub(crate) async fn listen(&self) -> Result<Option<postgres::Listener>> {
        match &self.0.backend {
            Backend::Postgres(backend) if self.0.notifier.is_enabled() => {
                backend.listen().await.map(Some)
            }
            _ => Ok(None),
        }
    }

    pub(crate) fn signals(&self) -> &Arc<Signals> {
        &self.0.signals
    }

    /// Tells whoever waits for it what a transaction did: this process at once, others soon.
    pub(crate) fn tell(&self, effects: Effects) {
        #[cfg(feature = "metrics")]
        effects.stored.count();
        self.0.signals.tell(&effects);
        if !effects.queues.is_empty() {
            self.notify_others(effects.queues);
        }
    }
}

impl StorageOptions {
    /// Opens the storage, and brings its schema up to date.
    ///
    /// # Errors
    /// As [`Storage::connect`]; and [`Error::Setting`] for a setting that is out of range.
    pub async fn connect(self) -> std::result::Result<Storage, Error> {
        self.check()?;
        let backend = self.open().await?;
        let notifier = Notifier::new(self.notify);
        Ok(Storage(Arc::new(Inner { backend, keys: self.keys, signals: Arc::default(), notifier })))
    }

    async fn open(&self) -> std::result::Result<Backend, Error> {
        #[cfg(any(feature = "postgres", feature = "mysql"))]
        match &self.pool {
            #[cfg(feature = "postgres")]
            Some(Pool::Postgres(pool)) => {
                let backend = postgres::Postgres::connect_to(pool.clone(), self).await?;
                return Ok(Backend::Postgres(Box::new(backend)));
            }
            #[cfg(feature = "mysql")]
            Some(Pool::MySql(pool)) => {
                let backend = mysql::MySql::connect_to(pool.clone(), self).await?;
                return Ok(Backend::MySql(Box::new(backend)));
            }
            None => {}
        }
        let scheme = self.url.split(':').next().unwrap_or_default();
        Ok(match scheme {
            #[cfg(feature = "sqlite")]
            "sqlite" => Backend::Sqlite(Box::new(sqlite::Sqlite::connect(self).await?)),
            #[cfg(feature = "postgres")]
            "postgres" | "postgresql" => {
                Backend::Postgres(Box::new(postgres::Postgres::connect(self).await?))
            }
            #[cfg(feature = "mysql")]
            "mysql" | "mariadb" => Backend::MySql(Box::new(mysql::MySql::connect(self).await?)),
            _ => return Err(unknown_scheme(&self.url, scheme)),
        })
    }
}

/// A URL that no built-in database is known for; its rest may hold a password.
fn unknown_scheme(url: &str, scheme: &str) -> Error {
    let problem = match scheme {
        "postgres" | "postgresql" => "the feature `postgres` of jobs-runtime is not on".to_owned(),
        "sqlite" => "the feature `sqlite` of jobs-runtime is not on".to_owned(),
        "mysql" | "mariadb" => "the feature `mysql` of jobs-runtime is not on".to_owned(),
        _ => "it begins with none of `sqlite:`, `postgres:`, `mysql:` and `mariadb:`".to_owned(),
    };
    let shown = if url.contains('@') { format!("{scheme}:…") } else { url.to_owned() };
    StorageError::Url { url: shown, problem }.into()
}

impl fmt::Debug for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Storage").field(&self.place()).finish()
    }
}
