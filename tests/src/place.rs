//! The storages that everything runs on.

use std::path::PathBuf;
use std::time::Duration;

use jobs_runtime::{Keys, StorageOptions};
use uuid::Uuid;

/// How long a file of SQLite is waited for. The disk of a busy machine may stall for seconds in
/// each commit of whoever holds it; what a test proves must not hang on that.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Where one test keeps its jobs: a database or a schema of its own.
#[derive(Debug, Clone)]
pub struct Place {
    kind: Kind,
    /// The name of the schema, and of the directory.
    name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    SqliteFile,
    SqliteMemory,
    Postgres,
    PgBouncer,
    MariaDb,
}

impl Place {
    /// A new SQLite file.
    #[must_use]
    pub fn sqlite_file() -> Self {
        Self::new(Kind::SqliteFile)
    }

    /// SQLite in the memory of this process.
    #[must_use]
    pub fn sqlite_memory() -> Self {
        Self::new(Kind::SqliteMemory)
    }

    /// A new schema on PostgreSQL.
    #[must_use]
    pub fn postgres() -> Self {
        Self::new(Kind::Postgres)
    }

    /// A new schema on PostgreSQL, through PgBouncer, which hands out a connection a transaction.
    #[must_use]
    pub fn pgbouncer() -> Self {
        Self::new(Kind::PgBouncer)
    }

    /// New tables on MariaDB.
    #[must_use]
    pub fn mariadb() -> Self {
        Self::new(Kind::MariaDb)
    }

    fn new(kind: Kind) -> Self {
        Self { kind, name: format!("t{}", Uuid::now_v7().simple()) }
    }

    /// How the storage is opened.
    #[must_use]
    pub fn options(&self) -> StorageOptions {
        self.options_without_keys().keys(Keys::new("new", [1; 32]))
    }

    /// The same, where nothing can be encrypted.
    #[must_use]
    pub fn options_without_keys(&self) -> StorageOptions {
        let options = StorageOptions::new(self.url()).schema(&self.name).movable_clock();
        match self.kind {
            Kind::PgBouncer => options.prepared_statements(false).notify(false),
            Kind::SqliteFile => options.lock_timeout(PATIENCE),
            Kind::SqliteMemory | Kind::Postgres | Kind::MariaDb => options,
        }
    }

    /// The URL of the database.
    #[must_use]
    pub fn url(&self) -> String {
        match self.kind {
            Kind::SqliteFile => format!("sqlite://{}", self.directory().join("jobs.db").display()),
            Kind::SqliteMemory => "sqlite::memory:".to_owned(),
            Kind::Postgres => variable("JOBS_TEST_POSTGRES_URL"),
            Kind::PgBouncer => variable("JOBS_TEST_PGBOUNCER_URL"),
            Kind::MariaDb => variable("JOBS_TEST_MARIADB_URL"),
        }
    }

    /// The schema, or the prefix of the tables.
    #[must_use]
    pub fn schema(&self) -> &str {
        &self.name
    }

    /// What stands before the name of a table.
    #[must_use]
    pub fn prefix(&self) -> String {
        self.prefix_of(&self.name)
    }

    /// The same in another schema of this name.
    #[must_use]
    pub fn prefix_of(&self, schema: &str) -> String {
        match self.is_postgres() {
            true => format!("\"{schema}\"."),
            false => format!("{schema}_"),
        }
    }

    /// Whether it is PostgreSQL, directly or through PgBouncer.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        matches!(self.kind, Kind::Postgres | Kind::PgBouncer)
    }

    /// Whether it is SQLite, in a file or in memory.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        matches!(self.kind, Kind::SqliteFile | Kind::SqliteMemory)
    }

    /// Whether nobody but the one storage can see the jobs.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.kind == Kind::SqliteMemory
    }

    pub(crate) fn prepare(&self) {
        if self.kind == Kind::SqliteFile {
            std::fs::create_dir_all(self.directory()).expect("a temporary directory");
        }
    }

    pub(crate) async fn remove(&self) {
        match self.kind {
            Kind::SqliteMemory => {}
            Kind::SqliteFile => {
                std::fs::remove_dir_all(self.directory()).expect("the temporary directory");
            }
            Kind::Postgres | Kind::PgBouncer | Kind::MariaDb => {
                crate::Own::connect(self).await.drop_schema(&self.name).await;
            }
        }
    }

    fn directory(&self) -> PathBuf {
        std::env::temp_dir().join(format!("jobs-tests-{}", self.name))
    }
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!(
            "{name} is not set: run the tests by `cargo xtask test`, or set it to what \
             `cargo xtask servers` prints"
        )
    })
}
