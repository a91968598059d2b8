//! Where the jobs of one test are.

use std::path::Path;

use uuid::Uuid;

/// A database that several processes open.
#[derive(Debug, Clone)]
pub(super) struct Database {
    /// `None` for a file in the directory of the test.
    server: Option<String>,
    /// The schema, or the prefix of the tables.
    schema: String,
}

impl Database {
    /// A new schema of the PostgreSQL that all tests share.
    pub(super) fn postgres() -> Self {
        Self::of_server(variable("JOBS_TEST_POSTGRES_URL"))
    }

    /// New tables in the MariaDB that all tests share.
    pub(super) fn mariadb() -> Self {
        Self::of_server(variable("JOBS_TEST_MARIADB_URL"))
    }

    /// A new schema of this server.
    pub(super) fn of_server(url: String) -> Self {
        Self { server: Some(url), schema: format!("chaos_{}", Uuid::now_v7().simple()) }
    }

    /// A new file.
    pub(super) fn sqlite() -> Self {
        Self { server: None, schema: "jobs".to_owned() }
    }

    pub(super) fn url(&self, directory: &Path) -> String {
        match &self.server {
            Some(url) => url.clone(),
            None => format!("sqlite://{}", directory.join("jobs.db").display()),
        }
    }

    /// The same for a process of the test, whose sessions on PostgreSQL bear the name of the schema.
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
        self.server.as_ref().is_some_and(|url| url.starts_with("postgres:"))
    }

    pub(super) fn is_sqlite(&self) -> bool {
        self.server.is_none()
    }

    /// What stands before the name of a table.
    pub(super) fn prefix(&self) -> String {
        match self.is_postgres() {
            true => format!("\"{}\".", self.schema),
            false => format!("{}_", self.schema),
        }
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
