//! One scenario with one library.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use jobs_bench_harness::{Line, Scenario, Step};

use crate::child::{self, Call, End};
use crate::cost::Cost;
use crate::database::Place;
use crate::held_open::HeldOpen;

/// How many processes share the work of that scenario.
const PROCESSES: usize = 2;

/// What is run, and where.
#[derive(Debug)]
pub(crate) struct Case<'a> {
    pub(crate) program: &'a Path,
    pub(crate) place: &'a Place,
    pub(crate) scenario: Scenario,
    pub(crate) concurrency: usize,
    pub(crate) jobs: Option<usize>,
}

/// What one run showed.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) line: Line,
    pub(crate) cost: Cost,
}

impl Case<'_> {
    /// Does one run on a fresh database.
    ///
    /// # Errors
    /// If the database fails. Of a program that fails or stalls the line says so.
    pub(crate) async fn run(&self) -> Result<Run> {
        self.run_inner()
            .await
            .with_context(|| format!("{} in {}", self.program.display(), self.scenario.name()))
    }

    async fn run_inner(&self) -> Result<Run> {
        self.place.refresh().await?;
        let (migrated, _) = self.step(Step::Migrate, 1)?;
        if migrated.note.is_some() {
            return Ok(Run { line: migrated, cost: Cost::default() });
        }
        let held_open = match self.scenario {
            Scenario::HeldOpen => Some(HeldOpen::begin(self.place).await?),
            _ => None,
        };
        if self.scenario.is_filled() {
            let (filled, _) = self.step(Step::Fill, 1)?;
            if filled.note.is_some() {
                return Ok(Run { line: filled, cost: Cost::default() });
            }
            self.place.settle().await?;
        }
        let before = self.place.counters().await?;
        let processes = if self.scenario == Scenario::TwoProcesses { PROCESSES } else { 1 };
        let (line, processor) = self.step(Step::Measure, processes)?;
        let after = self.place.counters().await?;
        if let Some(held_open) = held_open {
            held_open.end().await?;
        }
        let cost = match line.jobs_per_s {
            Some(_) => Cost::of(line.n, before, after, processor),
            None => Cost::default(),
        };
        Ok(Run { line, cost })
    }

    fn step(&self, step: Step, processes: usize) -> Result<(Line, Duration)> {
        let mut args = vec![
            format!("--scenario={}", self.scenario.name()),
            format!("--concurrency={}", self.concurrency),
            format!("--url={}", self.place.url()),
            format!("--step={}", step.name()),
        ];
        args.extend(self.jobs.map(|jobs| format!("--jobs={jobs}")));
        let (ends, processor) = child::run(&Call { program: self.program, args }, processes)
            .with_context(|| format!("the step {} failed", step.name()))?;
        Ok((self.together(ends), processor))
    }

    /// The line of all processes: from the first that began until the first that saw that
    /// nothing was left.
    fn together(&self, ends: Vec<End>) -> Line {
        let lines: Vec<Line> =
            ends.into_iter().map(|end| end.unwrap_or_else(|note| self.nothing(note))).collect();
        let begins = lines.iter().filter_map(|line| line.began);
        let ends = lines.iter().filter_map(|line| line.ended);
        let span = ends.reduce(f64::min).zip(begins.reduce(f64::min));
        let bad = lines.iter().position(|line| line.note.is_some()).unwrap_or(0);
        let Some(line) = lines.into_iter().nth(bad) else {
            return self.nothing("no process".to_owned());
        };
        match span {
            Some((ended, began)) if line.note.is_none() => Line {
                jobs_per_s: Some(line.n as f64 / (ended - began)),
                began: None,
                ended: None,
                ..line
            },
            _ => line,
        }
    }

    /// The line of a program that printed none.
    fn nothing(&self, note: String) -> Line {
        let name = self.program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let url = self.place.url();
        Line {
            peer: name.trim_start_matches("peer-").to_owned(),
            version: String::new(),
            storage: url.split(':').next().unwrap_or_default().to_owned(),
            keeps_history: false,
            scenario: self.scenario.name().to_owned(),
            n: self.jobs.unwrap_or(0),
            concurrency: self.concurrency,
            jobs_per_s: None,
            p50_ms: None,
            p99_ms: None,
            began: None,
            ended: None,
            note: Some(note),
        }
    }
}
