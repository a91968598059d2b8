//! Results: one JSON object a line.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::run::Run;
use crate::scenario::Scenario;

/// A line of the output.
#[derive(Debug, Serialize)]
struct Line {
    peer: &'static str,
    storage: &'static str,
    scenario: &'static str,
    n: usize,
    concurrency: usize,
    jobs_per_s: f64,
    p50_ms: f64,
    p99_ms: f64,
}

/// Where lines go: to the standard output, and to a file if one is wanted.
#[derive(Debug)]
pub(crate) struct Report {
    file: Option<File>,
}

impl Report {
    /// # Errors
    /// If the file cannot be made.
    pub(crate) fn new(file: Option<&Path>) -> Result<Self> {
        let make = |path: &Path| {
            File::create(path).with_context(|| format!("cannot make {}", path.display()))
        };
        Ok(Self { file: file.map(make).transpose()? })
    }

    /// Writes one result.
    pub(crate) fn write(
        &mut self,
        storage: &'static str,
        scenario: Scenario,
        run: Run,
    ) -> Result<()> {
        let line = serde_json::to_string(&Line {
            peer: "limit",
            storage,
            scenario: scenario.name(),
            n: run.jobs,
            concurrency: run.connections,
            jobs_per_s: run.jobs_per_second().round(),
            p50_ms: milliseconds(run.percentile(50)),
            p99_ms: milliseconds(run.percentile(99)),
        })?;
        println!("{line}");
        if let Some(file) = &mut self.file {
            writeln!(file, "{line}").context("cannot write the results")?;
        }
        Ok(())
    }
}

/// To the microsecond.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
