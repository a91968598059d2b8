//! For build scripts: the tables of a library that leaves it to its users to make them.
//!
//! Such libraries ship migrations with their sources and ask users to copy them. Here they are
//! read from the sources that cargo has fetched anyway, so that they are always those of the
//! version that is measured.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
}

/// Writes all files of `folder` in the sources of `package` that end in `up.sql`, in the order of
/// their paths, into the one file `schema.sql` of the build script's output.
///
/// # Errors
/// If there is no such package among the dependencies, or no such file in the folder.
pub fn concatenate(package: &str, folder: &str) -> Result<()> {
    let folder = sources(package)?.join(folder);
    let mut files = Vec::new();
    collect(&folder, &mut files)?;
    if files.is_empty() {
        bail!("{} holds no file that ends in up.sql", folder.display());
    }
    files.sort();
    let mut schema = String::new();
    for file in &files {
        let text =
            fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        schema.push_str(&text);
        schema.push('\n');
    }
    let target = PathBuf::from(env::var_os("OUT_DIR").context("OUT_DIR is not set")?);
    fs::write(target.join("schema.sql"), schema).context("cannot write schema.sql")?;
    Ok(())
}

/// The folder in which a dependency of the package that is being built lies.
fn sources(package: &str) -> Result<PathBuf> {
    let cargo = env::var_os("CARGO").context("CARGO is not set")?;
    let manifest = env::var_os("CARGO_MANIFEST_PATH").context("CARGO_MANIFEST_PATH is not set")?;
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--locked", "--offline", "--manifest-path"])
        .arg(manifest)
        .output()
        .context("cannot start cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let metadata: Metadata =
        serde_json::from_slice(&output.stdout).context("cannot read what cargo metadata says")?;
    let found = metadata.packages.into_iter().find(|found| found.name == package);
    let found = found.with_context(|| format!("{package} is no dependency"))?;
    found.manifest_path.parent().map(Path::to_owned).context("a manifest lies in no folder")
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.file_name().is_some_and(|name| name.to_string_lossy().ends_with("up.sql")) {
            files.push(path);
        }
    }
    Ok(())
}
