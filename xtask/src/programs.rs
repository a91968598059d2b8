//! Finds programs, also where Debian keeps those that are not on everybody's `PATH`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// Where Debian keeps one folder for each major version of PostgreSQL.
const POSTGRES_VERSIONS: &str = "/usr/lib/postgresql";

/// The full path of a program: from `PATH`, else from one of the other `places`.
pub(crate) fn find(name: &str, places: &[PathBuf]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(places.iter().cloned())
        .map(|place| place.join(name))
        .find(|program| program.is_file())
}

/// The folders of PostgreSQL's server programs, newest version first.
pub(crate) fn postgres_places() -> Vec<PathBuf> {
    let Ok(versions) = fs::read_dir(POSTGRES_VERSIONS) else {
        return Vec::new();
    };
    let mut versions: Vec<(u32, PathBuf)> = versions
        .filter_map(|version| {
            let path = version.ok()?.path();
            let number = path.file_name()?.to_str()?.parse().ok()?;
            Some((number, path.join("bin")))
        })
        .collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions.into_iter().map(|(_, place)| place).collect()
}

/// The folder of administrators' programs, which ordinary users lack in their `PATH`.
pub(crate) fn sbin_places() -> Vec<PathBuf> {
    vec![Path::new("/usr/sbin").to_owned()]
}
