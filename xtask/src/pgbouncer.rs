//! A private PgBouncer in transaction mode in front of a private cluster.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::account::Account;
use crate::ports;
use crate::postgres::{self, Postgres, ROLE};
use crate::process::{self, Server};
use crate::programs;

const START_LIMIT: Duration = Duration::from_secs(20);

/// Before version 1.23 the immediate way out. Later it waits for clients, of which none is left at
/// the end of a run; if one is, the guard kills the server after its period of grace.
const STOP: Signal = Signal::SIGTERM;

/// A running pooler. Fields are dropped in this order: the server ends before its files go.
#[derive(Debug)]
pub(crate) struct PgBouncer {
    server: Server,
    port: u16,
    _directory: TempDir,
}

impl PgBouncer {
    /// Starts a pooler on a free port; its files are in a new directory under `parent`.
    pub(crate) fn start(account: &Account, parent: &Path, postgres: &Postgres) -> Result<Self> {
        let program = programs::find("pgbouncer", &programs::sbin_places())
            .context("pgbouncer was not found")?;
        let directory = account.directory("jobs-pgbouncer-", parent)?;
        let users = directory.path().join("users.txt");
        write(&users, &format!("\"{ROLE}\" \"\"\n"))?;

        let (server, port) = ports::on_free_port(|port| {
            let configuration = directory.path().join("pgbouncer.ini");
            write(&configuration, &configure(postgres.port(), port, &users))?;
            let mut command = account.server(&program, directory.path(), STOP);
            let log = directory.path().join("pgbouncer.log");
            let mut server = Server::start("PgBouncer", command.arg(&configuration), STOP, &log)?;
            server.wait_until(|| process::accepts(port), START_LIMIT)?;
            Ok((server, port))
        })?;
        Ok(Self { server, port, _directory: directory })
    }

    /// The address for clients. They must not rely on prepared statements: versions before 1.21
    /// lose them between transactions.
    pub(crate) fn url(&self) -> String {
        postgres::url(self.port)
    }

    /// # Errors
    /// If the server has ended.
    pub(crate) fn check(&mut self) -> Result<()> {
        self.server.check()
    }
}

/// The configuration. `*` lets through to any database of the cluster; idle server connections go
/// after a second, since one that stays makes `DROP DATABASE` fail.
fn configure(postgres: u16, port: u16, users: &Path) -> String {
    format!(
        "\
[databases]
* = host=127.0.0.1 port={postgres}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {users}
pool_mode = transaction
max_client_conn = 1000
default_pool_size = 20
server_idle_timeout = 1
ignore_startup_parameters = extra_float_digits, options
log_connections = 0
log_disconnections = 0
",
        users = users.display()
    )
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
