//! How a storage is opened.

use std::time::Duration;

use super::sql::is_valid_name;
use crate::error::Error;
use crate::protect::Keys;

/// How a [`Storage`](crate::Storage) is opened.
///
/// ```no_run
/// # async fn example() -> Result<(), jobs_runtime::Error> {
/// use jobs_runtime::StorageOptions;
///
/// let storage = StorageOptions::new("postgres://localhost/shop")
///     .schema("shop_jobs")
///     .max_connections(5)
///     .connect()
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct StorageOptions {
    pub(crate) url: String,
    pub(crate) schema: String,
    pub(crate) max_connections: Option<u32>,
    pub(crate) prepared_statements: bool,
    pub(crate) notify: bool,
    pub(crate) migrate: bool,
    pub(crate) lock_timeout: Duration,
    #[cfg_attr(
        not(any(feature = "postgres", feature = "mysql")),
        expect(dead_code, reason = "the clock of SQLite is this process's, and moves anyway")
    )]
    pub(crate) movable_clock: bool,
    pub(crate) keys: Option<Keys>,
}

impl StorageOptions {
    /// The database behind this URL: `sqlite://app.db`, `sqlite::memory:`, `postgres://…`,
    /// `mysql://…`, `mariadb://…`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            schema: "jobs".to_owned(),
            max_connections: None,
            prepared_statements: true,
            notify: true,
            migrate: true,
            lock_timeout: Duration::from_secs(5),
            movable_clock: false,
            keys: None,
        }
    }

    /// The schema (on PostgreSQL) or the prefix of the tables (elsewhere, an underscore is
    /// added) that the library keeps to; `jobs` unless set. Lower-case letters, digits and
    /// underscores, 40 at most, beginning with a letter.
    #[must_use]
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = schema.into();
        self
    }

    /// The most connections of the pool: by default twice the number of cores, 10 at most.
    #[must_use]
    pub fn max_connections(mut self, connections: u32) -> Self {
        self.max_connections = Some(connections);
        self
    }

    /// Whether statements are prepared once and kept; on unless set. A pooler that hands out a
    /// connection a transaction (PgBouncer before 1.21) needs this off.
    #[must_use]
    pub fn prepared_statements(mut self, keep: bool) -> Self {
        self.prepared_statements = keep;
        self
    }

    /// Whether servers wake each other by LISTEN and NOTIFY on PostgreSQL; on unless set. Off,
    /// or where a pooler cannot pass it on, a job of another process starts within a second.
    #[must_use]
    pub fn notify(mut self, notify: bool) -> Self {
        self.notify = notify;
        self
    }

    /// Whether missing migrations are run at [`connect`](Self::connect); on unless set.
    #[must_use]
    pub fn migrate(mut self, migrate: bool) -> Self {
        self.migrate = migrate;
        self
    }

    /// How long a write waits for SQLite's lock before it is an error; 5 s unless set.
    #[must_use]
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.lock_timeout = timeout;
        self
    }

    /// The keys of encrypted arguments and outputs; none unless set.
    #[cfg(feature = "encryption")]
    #[must_use]
    pub fn keys(mut self, keys: Keys) -> Self {
        self.keys = Some(keys);
        self
    }

    /// Lets the storage's clock be moved by [`Storage::advance`](crate::Storage::advance).
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn movable_clock(mut self) -> Self {
        self.movable_clock = true;
        self
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        #[cfg(feature = "encryption")]
        self.keys.as_ref().map_or(Ok(()), Keys::check)?;
        if !is_valid_name(&self.schema) {
            return Err(Error::Setting(format!(
                "`{}` is not a name for a schema or prefix: lower-case letters, digits and \
                 underscores are allowed, beginning with a letter, 40 at most",
                self.schema
            )));
        }
        if self.max_connections == Some(0) {
            return Err(Error::Setting(
                "0 connections are too few: give `max_connections` 1 or more".to_owned(),
            ));
        }
        Ok(())
    }

    pub(crate) fn pool_size(&self) -> u32 {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        self.max_connections.unwrap_or_else(|| u32::try_from(cores * 2).unwrap_or(10).clamp(2, 10))
    }
}
