//! What was measured: a table for people, one JSON object a line for programs.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::target::Target;

/// Medians of one case.
#[derive(Debug, Default, Serialize)]
pub(super) struct Line {
    pub(super) storage: &'static str,
    /// `search`, `page` or `drain`.
    pub(super) scenario: &'static str,
    pub(super) case: String,
    /// Jobs, or the bytes of a page.
    pub(super) found: usize,
    pub(super) total_ms: f64,
    /// Of all statements together, as the database has counted it.
    pub(super) database_ms: f64,
    pub(super) statements: Option<f64>,
    /// Jobs a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rate: Option<f64>,
}

pub(super) struct Table {
    file: Option<File>,
    lines: Vec<Line>,
}

impl Table {
    pub(super) fn new(file: Option<&Path>) -> Result<Self> {
        let make = |path: &Path| {
            File::create(path).with_context(|| format!("cannot make {}", path.display()))
        };
        Ok(Self { file: file.map(make).transpose()?, lines: Vec::new() })
    }

    pub(super) fn add(
        &mut self,
        target: &Target,
        scenario: &'static str,
        case: &str,
        line: Line,
    ) -> Result<()> {
        let line = Line { storage: target.name(), scenario, case: case.to_owned(), ..line };
        if let Some(file) = &mut self.file {
            writeln!(file, "{}", serde_json::to_string(&line)?)?;
        }
        println!("{}", row(&line));
        self.lines.push(line);
        Ok(())
    }

    pub(super) fn finish(&self) {
        println!("\n{HEAD}");
        for line in &self.lines {
            println!("{}", row(line));
        }
    }
}

const HEAD: &str = "storage   what    case                                                    \
    found   total ms   database ms  statements      jobs/s";

fn row(line: &Line) -> String {
    let Line { storage, scenario, case, found, total_ms, database_ms, .. } = line;
    let rate = line.rate.map(|rate| format!("{rate:.2}")).unwrap_or_default();
    let statements = line.statements.map(|count| format!("{count:.0}"));
    let statements = statements.unwrap_or_else(|| "–".to_owned());
    format!(
        "{storage:<9} {scenario:<7} {case:<50} {found:>10} {total_ms:>10.1} {database_ms:>13.1} \
         {statements:>11} {rate:>11}"
    )
}
