//! Calls of cargo.

use std::env;
use std::process::Command;

use anyhow::Result;

use crate::process;

/// The cargo that runs this program, so that all steps use one toolchain.
pub(crate) fn command<'a>(args: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args);
    command
}

/// Whether `cargo NAME` is there. Rustup puts a stand-in on `PATH` for programs that are not
/// installed, so only a call tells.
///
/// # Errors
/// If cargo cannot be started.
pub(crate) fn has(name: &str) -> Result<bool> {
    let output = process::output(&mut command([name, "--version"]))?;
    Ok(output.status.success())
}
