//! Results: a table for people, one JSON object a line for programs.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::cost::Cost;
use crate::scenarios::Outcome;

/// What the limit program measured: jobs a second by storage and scenario.
#[derive(Debug, Default)]
pub(crate) struct Limits(HashMap<(String, String), f64>);

#[derive(Debug, Deserialize)]
struct LimitLine {
    storage: String,
    scenario: String,
    jobs_per_s: f64,
}

impl Limits {
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let mut limits = HashMap::new();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let line: LimitLine = serde_json::from_str(line)
                .with_context(|| format!("{} holds the line {line}", file.display()))?;
            limits.insert((line.storage, line.scenario), line.jobs_per_s);
        }
        Ok(Self(limits))
    }

    /// What a scenario is held against.
    fn of(&self, storage: &str, scenario: &str) -> Option<f64> {
        let limit = match scenario {
            "enqueue1" => "insert1",
            "enqueue32" => "insert16",
            "bulk" => "unnest1000",
            "drain" => "claim_update",
            _ => return None,
        };
        let own = self.0.get(&(storage.to_owned(), limit.to_owned()));
        // SQLite has one writer, and its own words for two of them.
        let other = match limit {
            "insert16" => "insert1",
            "unnest1000" => "bulk1000",
            _ => limit,
        };
        own.or_else(|| self.0.get(&(storage.to_owned(), other.to_owned()))).copied()
    }
}

#[derive(Debug, Serialize)]
struct Line {
    peer: &'static str,
    storage: &'static str,
    scenario: &'static str,
    n: usize,
    concurrency: usize,
    jobs_per_s: f64,
    limit_per_s: Option<f64>,
    ratio: Option<f64>,
    /// Of plain inserts in turns with the jobs.
    insert_p50_ms: Option<f64>,
    p50_ms: Option<f64>,
    p99_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<Cost>,
}

pub(crate) struct Report {
    file: Option<File>,
    limits: Limits,
    lines: Vec<Line>,
}

impl Report {
    pub(crate) fn new(file: Option<&Path>, limits: Limits) -> Result<Self> {
        let make = |path: &Path| {
            File::create(path).with_context(|| format!("cannot make {}", path.display()))
        };
        Ok(Self { file: file.map(make).transpose()?, limits, lines: Vec::new() })
    }

    /// Keeps the median of the runs.
    pub(crate) fn add(
        &mut self,
        storage: &'static str,
        scenario: &'static str,
        n: usize,
        concurrency: usize,
        mut runs: Vec<Outcome>,
    ) -> Result<()> {
        runs.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
        let middle = runs.len() / 2;
        let Some(median) = runs.get_mut(middle) else { return Ok(()) };
        let limit = self.limits.of(storage, scenario);
        let p50_ms = percentile(&mut median.latencies, 0.50);
        let insert_p50_ms = percentile(&mut median.inserts, 0.50);
        let slower = p50_ms.zip(insert_p50_ms).map(|(job, insert)| round(job / insert));
        let line = Line {
            peer: "jobs",
            storage,
            scenario,
            n,
            concurrency,
            jobs_per_s: round(median.per_second),
            limit_per_s: limit,
            ratio: limit.map(|limit| round(median.per_second / limit)).or(slower),
            insert_p50_ms,
            p50_ms,
            p99_ms: percentile(&mut median.latencies, 0.99),
            cost: median.cost.clone(),
        };
        if let Some(file) = &mut self.file {
            writeln!(file, "{}", serde_json::to_string(&line)?)?;
        }
        println!("{}", row(&line));
        self.lines.push(line);
        Ok(())
    }

    pub(crate) fn finish(&self) {
        println!("\n{}", HEAD);
        for line in &self.lines {
            println!("{}", row(line));
        }
        let mut costs = self.lines.iter().filter_map(|line| Some((line, line.cost.as_ref()?)));
        if let Some(first) = costs.next() {
            println!("\nA job costs:\n{COST_HEAD}");
            for (line, cost) in std::iter::once(first).chain(costs) {
                println!("{}", cost_row(line, cost));
            }
        }
    }
}

const HEAD: &str = "storage   scenario                n    by     jobs/s    limit/s  ratio  insert  p50 ms  p99 ms";

const COST_HEAD: &str = "storage   scenario        statem.  commits  log bytes  written   +rows   \
    ~rows   -rows    dead  cpu µs  exec µs  allocs   bytes";

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"))
}

fn row(line: &Line) -> String {
    format!(
        "{:<9} {:<16} {:>8} {:>5} {:>10.1} {:>10} {:>6} {:>7} {:>7} {:>7}",
        line.storage,
        line.scenario,
        line.n,
        line.concurrency,
        line.jobs_per_s,
        number(line.limit_per_s, 0),
        number(line.ratio, 2),
        number(line.insert_p50_ms, 2),
        number(line.p50_ms, 2),
        number(line.p99_ms, 2),
    )
}

fn cost_row(line: &Line, cost: &Cost) -> String {
    format!(
        "{:<9} {:<15} {:>7} {:>8} {:>10} {:>8} {:>7} {:>7} {:>7} {:>7} {:>7.2} {:>8} {:>7} {:>7}",
        line.storage,
        line.scenario,
        number(cost.statements, 4),
        number(cost.commits, 4),
        number(cost.wal_bytes, 0),
        number(cost.written_bytes, 0),
        number(cost.rows_inserted, 3),
        number(cost.rows_updated, 4),
        number(cost.rows_deleted, 3),
        number(cost.dead_rows, 3),
        cost.client_cpu_us,
        number(cost.execution_us, 2),
        number(cost.allocations, 1),
        number(cost.allocated_bytes, 0),
    )
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

fn percentile(values: &mut [f64], share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    values
        .get((last as f64 * share).round() as usize)
        .copied()
        .map(|value| (value * 1e3).round() / 1e3)
}
