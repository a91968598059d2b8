//! The browser in which the dashboard is tested, and the pictures of it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::cargo;
use crate::install::{self, CHROMEDRIVER, CHROMIUM, NEXTEST};
use crate::process;
use crate::programs;

/// Pictures that the tests take, and the names under which the documentation shows them.
const PICTURES: [(&str, &str); 2] =
    [("readme-overview.png", "overview.png"), ("readme-job.png", "job.png")];

/// The variables in which tests find the browser and its driver, as far as they are there.
pub(crate) fn variables() -> Vec<(&'static str, String)> {
    [("JOBS_TEST_CHROMIUM", "chromium"), ("JOBS_TEST_CHROMEDRIVER", "chromedriver")]
        .into_iter()
        .filter_map(|(variable, name)| {
            Some((variable, programs::find(name, &[])?.display().to_string()))
        })
        .collect()
}

/// Takes the pictures of the README anew: `cargo xtask screenshots`.
///
/// # Errors
/// If the tests that take them do not pass.
pub(crate) fn screenshots() -> Result<()> {
    install::ensure(&[NEXTEST, CHROMIUM, CHROMEDRIVER])?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let taken: PathBuf = root.join("target/screenshots");
    let words = "nextest run --package jobs-tests --test browser readme";
    let mut command = cargo::command(words.split(' '));
    command.envs(variables()).env("JOBS_TEST_SCREENSHOTS", &taken);
    process::succeed(&mut command)?;
    let images = root.join("docs/images");
    fs::create_dir_all(&images)?;
    for (from, to) in PICTURES {
        let (from, to) = (taken.join(from), images.join(to));
        fs::copy(&from, &to).with_context(|| format!("cannot copy {}", from.display()))?;
        println!("wrote {}", to.display());
    }
    Ok(())
}
