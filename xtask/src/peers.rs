//! The programs that measure other libraries. They belong to workspaces of their own, so that
//! nothing else builds them.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::cargo;
use crate::process;

/// Each has a lock file of its own.
const WORKSPACES: [&str; 2] = ["benches/peers", "benches/peers/effectum"];

/// Builds them with optimizations, and gives the folder that they are in then.
///
/// # Errors
/// If one does not compile.
pub(crate) fn build() -> Result<PathBuf> {
    let metadata: Value =
        serde_json::from_str(&process::successful_output(&mut cargo::command([
            "metadata",
            "--no-deps",
            "--format-version=1",
        ]))?)
        .context("cargo metadata is not JSON")?;
    let path = |key: &str| {
        let path = metadata[key].as_str().map(PathBuf::from);
        path.with_context(|| format!("cargo metadata names no {key}"))
    };
    let (root, target) = (path("workspace_root")?, path("target_directory")?.join("peers"));
    for workspace in WORKSPACES {
        let mut command = cargo::command(["build", "--release", "--locked", "--target-dir"]);
        command.arg(&target).arg("--manifest-path").arg(root.join(workspace).join("Cargo.toml"));
        process::succeed(&mut command)?;
    }
    Ok(target.join("release"))
}
