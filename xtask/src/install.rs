//! Installs what a task needs and the machine lacks.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::account;
use crate::cargo;
use crate::interrupt;
use crate::process;
use crate::programs;

/// Something that has to be on the machine. To add one, add a constant below and name it where it
/// is needed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Requirement {
    /// A program, from a Debian package.
    Program { name: &'static str, places: fn() -> Vec<PathBuf>, package: &'static str },
    /// `cargo NAME`, from a crate; pinned, so that what passes today passes tomorrow.
    Subcommand { name: &'static str, package: &'static str, version: &'static str },
    /// `cargo NAME`, from a component of the toolchain.
    Component { name: &'static str, component: &'static str },
}

use Requirement::{Component, Program, Subcommand};

pub(crate) const POSTGRES: Requirement =
    Program { name: "initdb", places: programs::postgres_places, package: "postgresql" };

pub(crate) const PGBOUNCER: Requirement =
    Program { name: "pgbouncer", places: programs::sbin_places, package: "pgbouncer" };

pub(crate) const MARIADB: Requirement =
    Program { name: "mariadbd", places: programs::sbin_places, package: "mariadb-server" };

pub(crate) const CHROMIUM: Requirement =
    Program { name: "chromium", places: Vec::new, package: "chromium" };

pub(crate) const CHROMEDRIVER: Requirement =
    Program { name: "chromedriver", places: Vec::new, package: "chromium-driver" };

pub(crate) const NEXTEST: Requirement =
    Subcommand { name: "nextest", package: "cargo-nextest", version: "0.9.143" };

pub(crate) const CLIPPY: Requirement = Component { name: "clippy", component: "clippy" };

pub(crate) const RUSTFMT: Requirement = Component { name: "fmt", component: "rustfmt" };

/// Installs those of the requirements that are missing.
///
/// # Errors
/// If one cannot be installed, with the command that a person would have to run.
pub(crate) fn ensure(requirements: &[Requirement]) -> Result<()> {
    let missing = missing(requirements)?;
    let mut packages: Vec<&str> = missing.iter().filter_map(Requirement::debian_package).collect();
    packages.sort_unstable();
    packages.dedup();
    if !packages.is_empty() {
        install_packages(&packages)?;
    }
    for requirement in &missing {
        if let Some(mut command) = requirement.rust_command() {
            println!("installing: {}", process::line(&command));
            let status = process::run(&mut command)?;
            ensure!(status.success(), "`{}` failed: {status}", process::line(&command));
        }
    }
    for requirement in &missing {
        ensure!(requirement.is_met()?, "{requirement:?} was installed and still is not found");
    }
    Ok(())
}

fn missing(requirements: &[Requirement]) -> Result<Vec<Requirement>> {
    let mut missing = Vec::new();
    for requirement in requirements {
        if !requirement.is_met()? {
            missing.push(*requirement);
        }
    }
    Ok(missing)
}

impl Requirement {
    fn is_met(&self) -> Result<bool> {
        match self {
            Program { name, places, .. } => Ok(programs::find(name, &places()).is_some()),
            Subcommand { name, .. } | Component { name, .. } => cargo::has(name),
        }
    }

    fn debian_package(&self) -> Option<&'static str> {
        match self {
            Program { package, .. } => Some(package),
            Subcommand { .. } | Component { .. } => None,
        }
    }

    fn rust_command(&self) -> Option<Command> {
        match self {
            Program { .. } => None,
            Subcommand { package, version, .. } => {
                Some(cargo::command(["install", package, "--locked", "--version", version]))
            }
            Component { component, .. } => {
                let mut command = Command::new("rustup");
                command.args(["component", "add", component]);
                Some(command)
            }
        }
    }
}

/// Runs apt-get, by sudo where this program is not root.
fn install_packages(packages: &[&str]) -> Result<()> {
    let by_hand = format!(
        "as root: apt-get update && apt-get install --yes --no-install-recommends {}",
        packages.join(" ")
    );
    let prefix = privileged_prefix()
        .filter(|_| programs::find("apt-get", &[]).is_some())
        .with_context(|| format!("needed and not found: {packages:?}. To install, {by_hand}"))?;

    let install = [&["install", "--yes", "--no-install-recommends"], packages].concat();
    for action in [&["update"], install.as_slice()] {
        let mut command = apt_get(prefix, action);
        println!("installing: {}", process::line(&command));
        // In the foreground, as sudo may have to ask for a password. A Ctrl-C reaches it directly.
        let status = command.status().context("cannot start apt-get")?;
        interrupt::check()?;
        if !status.success() {
            bail!("apt-get {action:?} failed: {status}. To install by hand, {by_hand}");
        }
    }
    Ok(())
}

/// What has to stand before a command that only root may run; nothing if there is no way.
fn privileged_prefix() -> Option<&'static [&'static str]> {
    if account::is_root() {
        return Some(&[]);
    }
    programs::find("sudo", &[])?;
    if io::stdin().is_terminal() { Some(&["sudo"]) } else { Some(&["sudo", "--non-interactive"]) }
}

/// `env` carries the variable through sudo. A machine that has just started may be updating itself,
/// which is waited for.
fn apt_get(prefix: &[&str], action: &[&str]) -> Command {
    let apt_get = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o"];
    let words = [prefix, &apt_get, &["DPkg::Lock::Timeout=300"], action].concat();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command
}
