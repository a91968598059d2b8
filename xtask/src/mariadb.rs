//! A private MariaDB: made for one run, thrown away with the guard.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::account::Account;
use crate::ports;
use crate::process::{self, Server};
use crate::programs;

/// The account that tests log in as, which sees nothing but its database.
const USER: &str = "jobs";

/// The database that exists from the start and belongs to [`USER`].
const DATABASE: &str = "jobs";

/// Files of a new server are written and synced one by one.
const START_LIMIT: Duration = Duration::from_secs(60);

/// The data are thrown away, so there is nothing to write back.
const STOP: Signal = Signal::SIGKILL;

/// Each test makes and drops some thirty tables: in files of their own each would cost several
/// syncs of a directory. Connections as for PostgreSQL.
pub(crate) const FOR_TESTS: &[&str] =
    &["--innodb-file-per-table=0", "--max-connections=1000", "--table-open-cache=4000"];

/// Memory and log as for PostgreSQL, and a count of the time that is spent on statements.
pub(crate) const FOR_BENCHES: &[&str] =
    &["--innodb-buffer-pool-size=1G", "--innodb-log-file-size=1G", "--userstat=1"];

/// A running server. Fields are dropped in this order: the server ends before its files go.
#[derive(Debug)]
pub(crate) struct MariaDb {
    server: Server,
    port: u16,
    _directory: TempDir,
}

impl MariaDb {
    /// Makes the data in a new directory under `parent` and starts a server on a free port.
    pub(crate) fn start(account: &Account, parent: &Path, settings: &[&str]) -> Result<Self> {
        let programs = Programs::find()?;
        let directory = account.directory("jobs-mariadb-", parent)?;
        programs.make_data(account, directory.path()).context("cannot make a MariaDB server")?;
        let (server, port) =
            ports::on_free_port(|port| programs.serve(account, directory.path(), port, settings))?;
        Ok(Self { server, port, _directory: directory })
    }

    /// The address for clients.
    pub(crate) fn url(&self) -> String {
        format!("mariadb://{USER}@127.0.0.1:{}/{DATABASE}", self.port)
    }

    /// # Errors
    /// If the server has ended.
    pub(crate) fn check(&mut self) -> Result<()> {
        self.server.check()
    }
}

struct Programs {
    install: PathBuf,
    mariadbd: PathBuf,
}

impl Programs {
    fn find() -> Result<Self> {
        let find = |name: &str| {
            programs::find(name, &programs::sbin_places())
                .with_context(|| format!("{name} was not found"))
        };
        Ok(Self { install: find("mariadb-install-db")?, mariadbd: find("mariadbd")? })
    }

    fn make_data(&self, account: &Account, directory: &Path) -> Result<()> {
        let mut install = account.command(&self.install, directory);
        install.args([
            "--no-defaults",
            "--skip-test-db",
            "--auth-root-authentication-method=normal",
        ]);
        install.arg(format!("--datadir={}", directory.join("data").display()));
        process::run_quietly(&mut install, Stdio::null(), &log(directory))?;

        // Run before anybody is served, and the administrator has no way in afterwards.
        let accounts = format!(
            "CREATE DATABASE IF NOT EXISTS {DATABASE};\n\
             CREATE USER IF NOT EXISTS '{USER}'@'127.0.0.1';\n\
             GRANT ALL ON {DATABASE}.* TO '{USER}'@'127.0.0.1';\n\
             DELETE FROM mysql.global_priv WHERE User = 'root';\n\
             FLUSH PRIVILEGES;\n"
        );
        let script = accounts_script(directory);
        fs::write(&script, accounts).with_context(|| format!("cannot write {}", script.display()))
    }

    fn serve(
        &self,
        account: &Account,
        directory: &Path,
        port: u16,
        settings: &[&str],
    ) -> Result<(Server, u16)> {
        let mut command = account.server(&self.mariadbd, directory, STOP);
        let path = |name: &str| directory.join(name).display().to_string();
        command.args(["--no-defaults", "--bind-address=127.0.0.1", "--skip-name-resolve"]);
        command.arg(format!("--datadir={}", path("data")));
        command.arg(format!("--socket={}", path("socket")));
        command.arg(format!("--pid-file={}", path("pid")));
        command.arg(format!("--init-file={}", accounts_script(directory).display()));
        command.arg(format!("--port={port}")).args(settings);
        let mut server = Server::start("MariaDB", &mut command, STOP, &log(directory))?;
        server.wait_until(|| process::accepts(port), START_LIMIT)?;
        Ok((server, port))
    }
}

fn accounts_script(directory: &Path) -> PathBuf {
    directory.join("accounts.sql")
}

fn log(directory: &Path) -> PathBuf {
    directory.join("mariadb.log")
}
