//! How a storage is opened.

use std::fmt;
use std::time::Duration;

#[cfg(any(feature = "postgres", feature = "mysql"))]
use super::pool::Pool;
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
#[derive(Clone)]
pub struct StorageOptions {
    /// Empty where there is a pool.
    pub(crate) url: String,
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    pub(crate) pool: Option<Pool>,
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
            #[cfg(any(feature = "postgres", feature = "mysql"))]
            pool: None,
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

    /// The database of a pool that the application has opened itself: to share its connections, or
    /// for what a URL cannot say, such as a password that changes.
    ///
    /// The pool is used as it is: [`max_connections`](Self::max_connections) is of no account, and
    /// [`Storage::close`](crate::Storage::close) leaves it open. A few connections are made beside
    /// it, by its options: one while the storage is opened, and on PostgreSQL one on which servers
    /// hear of each other ([`notify`](Self::notify)). A program that holds all connections of the
    /// pool keeps its jobs waiting, so let it have some more than the program needs itself.
    ///
    /// SQLite has one writer, which the library keeps to itself: name its file by
    /// [`new`](Self::new), beside whatever pool the application has on it.
    ///
    /// ```no_run
    /// # #[cfg(feature = "postgres")]
    /// # async fn example(pool: sqlx::PgPool) -> Result<(), jobs_runtime::Error> {
    /// use jobs_runtime::StorageOptions;
    ///
    /// let storage = StorageOptions::from_pool(pool).schema("shop_jobs").connect().await?;
    /// # Ok(()) }
    /// ```
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    pub fn from_pool(pool: impl Into<Pool>) -> Self {
        Self { pool: Some(pool.into()), ..Self::new("") }
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

/// Without the URL, which may hold a password, but for what it begins with.
impl fmt::Debug for StorageOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.url.split(':').next().unwrap_or_default();
        let mut shown = f.debug_struct("StorageOptions");
        #[cfg(any(feature = "postgres", feature = "mysql"))]
        shown.field("pool", &self.pool);
        shown
            .field("scheme", &scheme)
            .field("schema", &self.schema)
            .field("max_connections", &self.max_connections)
            .field("prepared_statements", &self.prepared_statements)
            .field("notify", &self.notify)
            .field("migrate", &self.migrate)
            .field("lock_timeout", &self.lock_timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        let options = StorageOptions::new("postgres://shop:secret@localhost/shop").schema("mine");
        let shown = format!("{options:?}");
        assert!(shown.contains("postgres") && shown.contains("mine"), "{shown}");
        assert!(!shown.contains("secret"), "{shown}");
    }
}
