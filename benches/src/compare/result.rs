//! Results, as one JSON object a line for programs.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use jobs_bench_harness::Line;
use serde::{Deserialize, Serialize};

use crate::case::Run;
use crate::cost::Cost;

/// The medians of one scenario with one library.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Outcome {
    #[serde(flatten)]
    pub(crate) line: Line,
    #[serde(flatten)]
    pub(crate) cost: Cost,
    pub(crate) runs: usize,
}

pub(crate) struct Results {
    file: Option<File>,
    outcomes: Vec<Outcome>,
}

impl Results {
    /// Those of a run, beside those that earlier runs have written.
    pub(crate) fn new(file: Option<&Path>, earlier: &[PathBuf]) -> Result<Self> {
        let outcomes: Result<Vec<_>> = earlier.iter().map(|file| read(file)).collect();
        let outcomes = outcomes?.into_iter().flatten().collect();
        let make = |path: &Path| {
            File::create(path).with_context(|| format!("cannot make {}", path.display()))
        };
        Ok(Self { file: file.map(make).transpose()?, outcomes })
    }

    pub(crate) fn all(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// Keeps the median of each value; a run that came to no end is kept in place of all.
    pub(crate) fn add(&mut self, runs: Vec<Run>) -> Result<()> {
        let Some(outcome) = medians(&runs) else { return Ok(()) };
        let text = serde_json::to_string(&outcome).context("cannot write a result")?;
        if let Some(file) = &mut self.file {
            writeln!(file, "{text}").context("cannot write a result")?;
        }
        println!("{text}");
        self.outcomes.retain(|known| !known.is_of_same(&outcome));
        self.outcomes.push(outcome);
        Ok(())
    }
}

impl Outcome {
    /// Whether the same was measured.
    fn is_of_same(&self, other: &Self) -> bool {
        let key = |outcome: &Self| {
            let Line { peer, storage, scenario, concurrency, .. } = outcome.line.clone();
            (peer, storage, scenario, concurrency)
        };
        key(self) == key(other)
    }
}

fn read(file: &Path) -> Result<Vec<Outcome>> {
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let parse = |line: &str| {
        serde_json::from_str(line)
            .with_context(|| format!("{} holds the line {line}", file.display()))
    };
    text.lines().filter(|line| !line.trim().is_empty()).map(parse).collect()
}

fn medians(runs: &[Run]) -> Option<Outcome> {
    let kept = runs.iter().find(|run| run.line.note.is_some()).or(runs.first())?;
    if kept.line.note.is_some() {
        return Some(Outcome { line: kept.line.clone(), cost: kept.cost, runs: runs.len() });
    }
    let line = |read: fn(&Line) -> Option<f64>| median(runs.iter().map(|run| read(&run.line)));
    let cost = |read: fn(&Cost) -> Option<f64>| median(runs.iter().map(|run| read(&run.cost)));
    Some(Outcome {
        line: Line {
            jobs_per_s: line(|line| line.jobs_per_s),
            p50_ms: line(|line| line.p50_ms),
            p99_ms: line(|line| line.p99_ms),
            ..kept.line.clone()
        },
        cost: Cost {
            wal_bytes_per_job: cost(|cost| cost.wal_bytes_per_job),
            commits_per_job: cost(|cost| cost.commits_per_job),
            rows_per_job: cost(|cost| cost.rows_per_job),
            client_cpu_us_per_job: cost(|cost| cost.client_cpu_us_per_job),
        },
        runs: runs.len(),
    })
}

/// Rounded to three digits after the point; of an even number, the upper one of the middle.
fn median(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let mut values: Vec<f64> = values.flatten().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).map(|value| (value * 1e3).round() / 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_leaves_out_what_is_missing() {
        assert_eq!(median([Some(3.0), None, Some(1.0), Some(2.0004)].into_iter()), Some(2.0));
        assert_eq!(median([None].into_iter()), None);
    }
}
