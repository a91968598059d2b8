//! Which database the command is about.

use std::env;

use anyhow::{Result, anyhow};
use clap::Args;
use jobs_runtime::{Client, Error, Limits, Retention, StorageOptions};

use crate::exit::Usage;

/// The largest arguments that any client can store.
const LARGEST_ARGS: usize = 64 * 1024 * 1024;

#[derive(Debug, Args)]
pub(crate) struct Database {
    /// Where the jobs are: sqlite://app.db, postgres://… or mysql://…; else DATABASE_URL
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "JOBS_DATABASE_URL",
        hide_env_values = true
    )]
    database_url: Option<String>,

    /// The schema (PostgreSQL) or the prefix of the tables (elsewhere)
    #[arg(long, global = true, value_name = "NAME", env = "JOBS_SCHEMA", default_value = "jobs")]
    schema: String,
}

impl Database {
    /// Connects, and leaves the tables as they are.
    ///
    /// # Errors
    /// If no database is named, or it cannot be reached, or has no tables of jobs.
    pub(crate) async fn client(&self) -> Result<Client> {
        let url = existing(&self.url()?);
        self.connect(self.options(url).migrate(false)).await.map_err(|error| {
            match error.downcast_ref::<Error>() {
                Some(Error::Setting(problem)) => anyhow!("{problem} (`jobs migrate`)"),
                _ => error,
            }
        })
    }

    /// Connects, and makes the tables or brings them up to date.
    ///
    /// # Errors
    /// If no database is named, it cannot be reached, or its tables are newer than this program.
    pub(crate) async fn migrated(&self) -> Result<Client> {
        self.connect(self.options(self.url()?)).await
    }

    async fn connect(&self, options: StorageOptions) -> Result<Client> {
        let limits = Limits::default().args(LARGEST_ARGS);
        Ok(Client::with(options.connect().await?, limits, Retention::default()))
    }

    fn options(&self, url: String) -> StorageOptions {
        StorageOptions::new(url).schema(&self.schema).max_connections(4)
    }

    fn url(&self) -> Result<String> {
        let url = self.database_url.clone().or_else(|| env::var("DATABASE_URL").ok());
        let url = url.filter(|url| !url.is_empty()).ok_or_else(|| {
            Usage::new(
                "no database: give --database-url, or set JOBS_DATABASE_URL or DATABASE_URL, to \
                 sqlite://path/to/app.db, postgres://… or mysql://…",
            )
        })?;
        Ok(url)
    }
}

/// The same database, if it exists: a mistyped path of SQLite is not to become a new file.
fn existing(url: &str) -> String {
    let is_file = url.starts_with("sqlite:") && !url.contains(":memory:");
    match (is_file && !url.contains("mode="), url.contains('?')) {
        (true, true) => format!("{url}&mode=rw"),
        (true, false) => format!("{url}?mode=rw"),
        (false, _) => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::existing;

    #[test]
    fn a_file_of_sqlite_has_to_be_there() {
        assert_eq!(existing("sqlite://app.db"), "sqlite://app.db?mode=rw");
        assert_eq!(existing("sqlite:app.db?cache=shared"), "sqlite:app.db?cache=shared&mode=rw");
        assert_eq!(existing("sqlite://app.db?mode=rwc"), "sqlite://app.db?mode=rwc");
        assert_eq!(existing("postgres://db/shop?x=1"), "postgres://db/shop?x=1");
    }
}
