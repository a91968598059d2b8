//! The dashboard in a real browser: Chromium without a window, by way of ChromeDriver.
//!
//! `cargo xtask test` installs both. Each test has a storage, a server and a browser of its own.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod accessibility;
mod actions;
mod browser;
mod devtools;
mod driver;
mod hostile;
mod keyboard;
mod kinds;
mod language;
mod live;
mod looks;
mod mounting;
mod pages;
mod readme;
mod refusals;
mod search;
mod site;
mod without_scripts;
mod world;

use jobs_tests::{Bench, Place};

/// Runs a test on SQLite.
fn on_sqlite<F: Future<Output = ()>>(test: impl FnOnce(Bench) -> F) {
    jobs_tests::run(Place::sqlite_file(), test);
}

/// Runs a test on PostgreSQL.
fn on_postgres<F: Future<Output = ()>>(test: impl FnOnce(Bench) -> F) {
    jobs_tests::run(Place::postgres(), test);
}
