//! The private servers that tests run against, and what tests are told about them.

use std::env;

use anyhow::Result;

use crate::account::Account;
use crate::browser;
use crate::install::{self, Requirement};
use crate::interrupt;
use crate::mariadb::{self, MariaDb};
use crate::pgbouncer::PgBouncer;
use crate::postgres::{self, Postgres};

/// What has to be installed for them.
pub(crate) const REQUIREMENTS: &[Requirement] =
    &[install::POSTGRES, install::PGBOUNCER, install::MARIADB];

/// All servers. Fields are dropped in this order: the pooler goes before what it stands in front of.
#[derive(Debug)]
pub(crate) struct Servers {
    pgbouncer: PgBouncer,
    postgres: Postgres,
    mariadb: MariaDb,
}

impl Servers {
    /// Starts them in new temporary directories.
    pub(crate) fn start() -> Result<Self> {
        let account = Account::unprivileged()?;
        let parent = env::temp_dir();
        let postgres = Postgres::start(&account, &parent, postgres::FOR_TESTS)?;
        let pgbouncer = PgBouncer::start(&account, &parent, &postgres)?;
        let mariadb = MariaDb::start(&account, &parent, mariadb::FOR_TESTS)?;
        Ok(Self { pgbouncer, postgres, mariadb })
    }

    /// The variables in which tests find the servers.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("JOBS_TEST_POSTGRES_URL", self.postgres.url()),
            ("JOBS_TEST_COUNTED_URL", self.postgres.counted_url()),
            ("JOBS_TEST_PGBOUNCER_URL", self.pgbouncer.url()),
            ("JOBS_TEST_MARIADB_URL", self.mariadb.url()),
        ]
    }

    /// Prints the variables for a shell and stays until a signal arrives.
    ///
    /// # Errors
    /// If one of the servers ends.
    pub(crate) fn stay(mut self) -> Result<()> {
        for (name, value) in [self.variables(), browser::variables()].concat() {
            println!("export {name}={value}");
        }
        println!("# Ctrl-C stops and removes the servers");
        while interrupt::pause().is_ok() {
            self.pgbouncer.check()?;
            self.postgres.check()?;
            self.mariadb.check()?;
        }
        Ok(())
    }
}
