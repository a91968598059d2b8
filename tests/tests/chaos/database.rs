//! Where the jobs of one test are.

use std::path::Path;

use uuid::Uuid;

/// A database that several processes open.
#[derive(Debug, Clone)]
pub(super) struct Database {
    /// `None` for a file in the directory of the test.
    postgres: Option<String>,
    /// The schema, or the prefix of the tables.
    schema: String,
}

impl Database {
    /// A new schema of the server that all tests share.
    pub(super) fn postgres() -> Self {
        let url = std::env::var("JOBS_TEST_POSTGRES_URL").unwrap_or_else(|_| {
            panic!(
                "JOBS_TEST_POSTGRES_URL is not set: run the tests by `cargo xtask test`, or set \
                 it to what `cargo xtask servers` prints"
            )
        });
        Self::of_server(url)
    }

    /// A new schema of this server.
    pub(super) fn of_server(url: String) -> Self {
        Self { postgres: Some(url), schema: format!("chaos_{}", Uuid::now_v7().simple()) }
    }

    /// A new file.
    pub(super) fn sqlite() -> Self {
        Self { postgres: None, schema: "jobs".to_owned() }
    }

    pub(super) fn url(&self, directory: &Path) -> String {
        match &self.postgres {
            Some(url) => url.clone(),
            None => format!("sqlite://{}", directory.join("jobs.db").display()),
        }
    }

    /// The same for a process of the test, whose sessions on a server bear the name of the schema.
    pub(super) fn process_url(&self, directory: &Path) -> String {
        let url = self.url(directory);
        if !self.is_postgres() {
            return url;
        }
        let joint = if url.contains('?') { '&' } else { '?' };
        format!("{url}{joint}application_name={}", self.schema)
    }

    pub(super) fn schema(&self) -> &str {
        &self.schema
    }

    pub(super) fn is_postgres(&self) -> bool {
        self.postgres.is_some()
    }

    /// What stands before the name of a table.
    pub(super) fn prefix(&self) -> String {
        match self.is_postgres() {
            true => format!("\"{}\".", self.schema),
            false => format!("{}_", self.schema),
        }
    }
}
