//! The account that servers run under: PostgreSQL, PgBouncer and MariaDB refuse to run as root.

use std::ffi::OsStr;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use nix::unistd::{Uid, User, geteuid};
use tempfile::TempDir;

use crate::programs;

/// Tried in this order when this program runs as root.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// Root's stand-in, or nothing where this program is not root and servers run as its own user.
#[derive(Debug)]
pub(crate) struct Account(Option<User>);

impl Account {
    /// Picks the account.
    ///
    /// # Errors
    /// If this program is root and the machine has none of the accounts known to be unprivileged.
    pub(crate) fn unprivileged() -> Result<Self> {
        if !is_root() {
            return Ok(Self(None));
        }
        for name in UNPRIVILEGED {
            let user =
                User::from_name(name).with_context(|| format!("cannot look up user {name}"))?;
            if user.is_some() {
                return Ok(Self(user));
            }
        }
        bail!("servers do not run as root, and none of the users {UNPRIVILEGED:?} exists")
    }

    /// A temporary directory that belongs to this account and is removed with the guard.
    pub(crate) fn directory(&self, prefix: &str, parent: &Path) -> Result<TempDir> {
        let make = || -> Result<TempDir> {
            let directory = tempfile::Builder::new().prefix(prefix).tempdir_in(parent)?;
            if let Some(user) = &self.0 {
                chown(directory.path(), Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
            }
            Ok(directory)
        };
        make().with_context(|| format!("cannot make a directory in {}", parent.display()))
    }

    /// A command that runs under this account, in `directory`, which it must be able to enter.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>, directory: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(directory);
        if let Some(user) = &self.0 {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command
    }

    /// As [`command`](Self::command), for a server. Where util-linux is present, the kernel sends
    /// the server `stop` should this program be killed without a chance to do so itself.
    pub(crate) fn server(&self, program: &Path, directory: &Path, stop: Signal) -> Command {
        let Some(setpriv) = programs::find("setpriv", &[]).filter(|_| cfg!(target_os = "linux"))
        else {
            return self.command(program, directory);
        };
        let mut command = self.command(setpriv, directory);
        command.args(["--pdeathsig", stop.as_str().trim_start_matches("SIG"), "--"]).arg(program);
        command
    }
}

/// Whether this program runs as root.
pub(crate) fn is_root() -> bool {
    geteuid() == Uid::from_raw(0)
}
