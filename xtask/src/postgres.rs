//! A private PostgreSQL cluster: made for one run, thrown away with the guard.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use tempfile::{NamedTempFile, TempDir};

use crate::account::Account;
use crate::ports;
use crate::process::{self, Server};
use crate::programs;

/// The role that tests log in as. Not a superuser, as users of the product are not either.
pub(crate) const ROLE: &str = "jobs";

/// The database that exists from the start and belongs to [`ROLE`].
const DATABASE: &str = "jobs";

/// A second database, in which `pg_stat_statements` counts every statement but those that only
/// open and end transactions. It counts nowhere else, so that it slows nothing else.
const COUNTED: &str = "counted";

/// Settings of every cluster: the library that counts is in Debian's package of the server.
const COUNTING: &[(&str, &str)] = &[
    ("shared_preload_libraries", "pg_stat_statements"),
    ("pg_stat_statements.track", "none"),
    ("pg_stat_statements.save", "off"),
];

/// The server refuses everybody else, the superuser included.
const WHO_MAY_CONNECT: &str = "host all jobs 127.0.0.1/32 trust\n";

/// A cluster that does nothing has nothing to recover; only a slow disk takes this long.
const START_LIMIT: Duration = Duration::from_secs(60);

/// The cluster's data is thrown away, so there is nothing to write back: "immediate shutdown".
const STOP: Signal = Signal::SIGQUIT;

/// Settings for tests. As many tests run at a time as there are cores, each with a pool of up to ten
/// connections, some with two: `max_connections` leaves room for 64.
pub(crate) const FOR_TESTS: &[(&str, &str)] = &[("fsync", "on"), ("max_connections", "1000")];

/// Settings for measuring, the same that all published figures were taken with.
pub(crate) const FOR_BENCHES: &[(&str, &str)] = &[
    ("fsync", "on"),
    ("synchronous_commit", "on"),
    ("shared_buffers", "1GB"),
    ("max_wal_size", "4GB"),
    ("max_connections", "300"),
];

/// A running cluster. Fields are dropped in this order: the server ends before its files go.
#[derive(Debug)]
pub(crate) struct Postgres {
    server: Server,
    port: u16,
    _directory: TempDir,
}

impl Postgres {
    /// Makes a cluster in a new directory under `parent` and starts it on a free port.
    pub(crate) fn start(
        account: &Account,
        parent: &Path,
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        let programs = Programs::find()?;
        let directory = account.directory("jobs-postgres-", parent)?;
        let data = directory.path().join("data");
        let log = directory.path().join("postgres.log");

        programs.make_cluster(account, &data, &log).context("cannot make a PostgreSQL cluster")?;
        let (server, port) =
            ports::on_free_port(|port| programs.serve(account, &data, &log, port, settings))?;
        Ok(Self { server, port, _directory: directory })
    }

    /// The port on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The address for clients.
    pub(crate) fn url(&self) -> String {
        url(self.port)
    }

    /// The address of the database in which statements are counted.
    pub(crate) fn counted_url(&self) -> String {
        url_of(COUNTED, self.port)
    }

    /// # Errors
    /// If the server has ended.
    pub(crate) fn check(&mut self) -> Result<()> {
        self.server.check()
    }
}

/// The address of [`DATABASE`] for [`ROLE`] on a port, PostgreSQL's own or a pooler's.
pub(crate) fn url(port: u16) -> String {
    url_of(DATABASE, port)
}

fn url_of(database: &str, port: u16) -> String {
    format!("postgres://{ROLE}@127.0.0.1:{port}/{database}")
}

/// The server programs of one version.
struct Programs {
    initdb: PathBuf,
    postgres: PathBuf,
}

impl Programs {
    fn find() -> Result<Self> {
        let initdb = programs::find("initdb", &programs::postgres_places())
            .context("initdb was not found")?;
        // On PATH there may be a link to initdb alone; its neighbours are beside the original.
        let initdb =
            initdb.canonicalize().with_context(|| format!("cannot follow {}", initdb.display()))?;
        Ok(Self { postgres: initdb.with_file_name("postgres"), initdb })
    }

    fn make_cluster(&self, account: &Account, data: &Path, log: &Path) -> Result<()> {
        let directory = data.parent().unwrap_or(data);
        let mut initdb = account.command(&self.initdb, directory);
        initdb.args(["--username=postgres", "--auth=reject", "--encoding=UTF8"]);
        initdb.args(["--no-locale", "--no-sync", "-D"]).arg(data);
        process::run_quietly(&mut initdb, Stdio::null(), log)?;

        let who_may_connect = data.join("pg_hba.conf");
        fs::write(&who_may_connect, WHO_MAY_CONNECT)
            .with_context(|| format!("cannot write {}", who_may_connect.display()))?;
        let role = [
            format!("CREATE ROLE {ROLE} LOGIN CREATEDB"),
            format!("CREATE DATABASE {DATABASE} OWNER {ROLE}"),
            format!("CREATE DATABASE {COUNTED} OWNER {ROLE}"),
            format!("ALTER DATABASE {COUNTED} SET pg_stat_statements.track = 'top'"),
            format!("ALTER DATABASE {COUNTED} SET pg_stat_statements.track_utility = off"),
        ];
        self.execute(account, data, log, "postgres", &role)
            .context("cannot make the role and the databases of the tests")?;
        let counter = ["CREATE EXTENSION pg_stat_statements".to_owned()];
        self.execute(account, data, log, COUNTED, &counter)
            .context("pg_stat_statements is missing: install PostgreSQL's contrib modules")
    }

    /// Runs the server on its standard input, before it serves anybody: this needs neither `psql`
    /// nor a way in for the superuser.
    fn execute(
        &self,
        account: &Account,
        data: &Path,
        log: &Path,
        database: &str,
        statements: &[String],
    ) -> Result<()> {
        let mut script = NamedTempFile::new().context("cannot make a temporary file")?;
        for statement in statements {
            writeln!(script, "{statement}")?;
        }
        let directory = data.parent().unwrap_or(data);
        let mut single = account.command(&self.postgres, directory);
        single.args(["--single", "-c", "exit_on_error=on", "-D"]).arg(data).arg(database);
        process::run_quietly(&mut single, script.reopen()?.into(), log)
    }

    fn serve(
        &self,
        account: &Account,
        data: &Path,
        log: &Path,
        port: u16,
        settings: &[(&str, &str)],
    ) -> Result<(Server, u16)> {
        let directory = data.parent().unwrap_or(data);
        let mut command = account.server(&self.postgres, directory, STOP);
        command.arg("-D").arg(data).arg("-p").arg(port.to_string());
        command.args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]);
        for (name, value) in COUNTING.iter().chain(settings) {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        let mut server = Server::start("PostgreSQL", &mut command, STOP, log)?;
        server.wait_until(|| is_ready(data), START_LIMIT)?;
        Ok((server, port))
    }
}

/// The server writes its state into the eighth line of its pid file, where `pg_ctl` reads it too.
fn is_ready(data: &Path) -> bool {
    fs::read_to_string(data.join("postmaster.pid"))
        .is_ok_and(|text| text.lines().nth(7).is_some_and(|state| state.trim() == "ready"))
}
