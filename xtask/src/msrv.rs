//! The check of the minimum supported version of Rust, as good as the machine allows: compile with
//! that version if it is there, else compare with what the dependencies state.

use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::cargo;
use crate::process;
use crate::programs;
use crate::version::RustVersion;

/// Runs the check and prints which of the two it was.
///
/// # Errors
/// If the stated version does not hold.
pub(crate) fn check() -> Result<()> {
    let packages = packages()?;
    let stated = stated(&packages)?;
    let current = current()?;
    ensure!(stated <= current, "rust-version is {stated}, and this toolchain is only {current}");

    if let Some(toolchain) = installed(stated)? {
        return compile(&toolchain);
    }
    let beyond: Vec<String> =
        packages.iter().filter_map(|package| package.beyond(stated)).collect();
    if !beyond.is_empty() {
        bail!("rust-version is {stated}, but dependencies state more: {}", beyond.join(", "));
    }
    println!(
        "Rust {stated} is not installed: compared with the rust-version of {} packages instead",
        packages.len()
    );
    Ok(())
}

/// What `cargo metadata` says about a package of the workspace or a dependency.
struct Package {
    name: String,
    is_member: bool,
    rust_version: Option<RustVersion>,
}

impl Package {
    fn read(package: &Value) -> Option<Self> {
        Some(Self {
            name: format!("{} {}", package["name"].as_str()?, package["version"].as_str()?),
            is_member: package["source"].is_null(),
            rust_version: package["rust_version"].as_str().and_then(RustVersion::parse),
        })
    }

    fn beyond(&self, stated: RustVersion) -> Option<String> {
        let needed = self.rust_version.filter(|needed| *needed > stated)?;
        Some(format!("{} ({needed})", self.name))
    }
}

fn packages() -> Result<Vec<Package>> {
    let mut metadata = cargo::command(["metadata", "--format-version=1", "--all-features"]);
    let text = process::successful_output(&mut metadata)?;
    let metadata: Value = serde_json::from_str(&text).context("cargo metadata is not JSON")?;
    metadata["packages"]
        .as_array()
        .and_then(|packages| packages.iter().map(Package::read).collect())
        .context("cargo metadata lists no packages")
}

/// The one version that all members of the workspace state.
fn stated(packages: &[Package]) -> Result<RustVersion> {
    let mut stated = None;
    for member in packages.iter().filter(|package| package.is_member) {
        let version = member
            .rust_version
            .with_context(|| format!("{} states no rust-version", member.name))?;
        let first = *stated.get_or_insert(version);
        ensure!(version == first, "{} states {version}, others {first}", member.name);
    }
    stated.context("the workspace has no members")
}

fn current() -> Result<RustVersion> {
    let text = process::successful_output(Command::new("rustc").arg("--version"))?;
    text.split(' ')
        .nth(1)
        .and_then(RustVersion::parse)
        .with_context(|| format!("no version in {text:?}"))
}

/// Rustup's name of an installed toolchain of that release.
fn installed(stated: RustVersion) -> Result<Option<String>> {
    let Some(rustup) = programs::find("rustup", &[]) else {
        return Ok(None);
    };
    let list = process::successful_output(Command::new(rustup).args(["toolchain", "list"]))?;
    let toolchain = list.lines().filter_map(|line| line.split(' ').next()).find(|name| {
        RustVersion::parse(name).is_some_and(|version| version.is_same_release(stated))
    });
    Ok(toolchain.map(str::to_owned))
}

fn compile(toolchain: &str) -> Result<()> {
    let mut check = Command::new("rustup");
    check.args(["run", toolchain, "cargo", "check", "--workspace", "--all-features"]);
    println!("$ {}", process::line(&check));
    let status = process::run(&mut check)?;
    ensure!(status.success(), "the workspace does not compile with Rust {toolchain}");
    Ok(())
}
