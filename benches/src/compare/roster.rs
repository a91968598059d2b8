//! Who is compared.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// A database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Postgres,
    Sqlite,
}

impl Kind {
    /// Its name in results, which is the scheme of its addresses.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Sqlite => "sqlite",
        }
    }
}

/// A library on a database.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
}

const fn entry(name: &'static str, kind: Kind) -> Entry {
    Entry { name, kind }
}

/// In the order in which they are run and shown.
pub(crate) const ALL: &[Entry] = &[
    entry(OWN, Kind::Postgres),
    entry("riverqueue", Kind::Postgres),
    entry("awa", Kind::Postgres),
    entry("graphile_worker", Kind::Postgres),
    entry("apalis-postgres", Kind::Postgres),
    entry("sqlxmq", Kind::Postgres),
    entry("underway", Kind::Postgres),
    entry("fang", Kind::Postgres),
    entry(OWN, Kind::Sqlite),
    entry("apalis-sqlite", Kind::Sqlite),
    entry("effectum", Kind::Sqlite),
];

/// The one whose program is built with this one.
const OWN: &str = "jobs";

impl Entry {
    /// The program that measures it.
    ///
    /// # Errors
    /// If it has not been built.
    pub(crate) fn program(&self, programs: &Path) -> Result<PathBuf> {
        let program = if self.name == OWN {
            let this = env::current_exe().context("cannot tell where this program lies")?;
            this.with_file_name("peer")
        } else {
            programs.join(format!("peer-{}", self.name))
        };
        if !program.is_file() {
            bail!("{} has not been built", program.display());
        }
        Ok(program)
    }
}
