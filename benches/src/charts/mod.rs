//! Charts of what was measured, drawn from the lines of one or more runs.

mod bars;
mod curves;
mod scale;
mod svg;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::cost::Cost;
use bars::Panel;
use curves::Curves;

const STORAGES: [&str; 2] = ["postgres", "sqlite"];
const NAMES: [&str; 2] = ["PostgreSQL", "SQLite"];

/// A line of results, as far as charts show it.
#[derive(Debug, Deserialize)]
struct Line {
    storage: String,
    scenario: String,
    n: usize,
    jobs_per_s: f64,
    cost: Option<Cost>,
}

/// Draws what these files hold into this directory.
pub(crate) fn draw(files: &[PathBuf], directory: &Path) -> Result<()> {
    let lines = Lines::read(files)?;
    let charts = [
        ("bench-cost.svg", lines.cost()),
        ("bench-backlog.svg", lines.backlog()),
        ("bench-growth.svg", lines.growth()),
    ];
    fs::create_dir_all(directory)
        .with_context(|| format!("cannot make {}", directory.display()))?;
    for (name, chart) in charts {
        let Some(chart) = chart else { continue };
        let file = directory.join(name);
        fs::write(&file, chart).with_context(|| format!("cannot write {}", file.display()))?;
        println!("{}", file.display());
    }
    Ok(())
}

struct Lines(Vec<Line>);

impl Lines {
    fn read(files: &[PathBuf]) -> Result<Self> {
        let mut lines = Vec::new();
        for file in files {
            let text = fs::read_to_string(file)
                .with_context(|| format!("cannot read {}", file.display()))?;
            for line in text.lines().filter(|line| !line.trim().is_empty()) {
                let line = serde_json::from_str(line)
                    .with_context(|| format!("{} holds the line {line}", file.display()))?;
                lines.push(line);
            }
        }
        if lines.is_empty() {
            bail!("nothing to draw: name files that `cargo xtask bench --json` has written");
        }
        Ok(Self(lines))
    }

    /// The line of a later file counts.
    fn find(&self, storage: &str, scenario: &str, n: Option<usize>) -> Option<&Line> {
        self.0.iter().rev().find(|line| {
            line.storage == storage && line.scenario == scenario && n.is_none_or(|n| n == line.n)
        })
    }

    fn cost(&self) -> Option<String> {
        let workloads = [
            ("cost-enqueue32", "enqueue, 32 tasks"),
            ("cost-bulk", "enqueue, in bulk"),
            ("cost-drain", "run, 50 workers"),
        ];
        let panel = |axis, value: fn(&Cost) -> Option<f64>| {
            let groups = workloads.map(|(scenario, label)| {
                let of = |storage| value(self.find(storage, scenario, None)?.cost.as_ref()?);
                (label.to_owned(), STORAGES.map(of).to_vec())
            });
            Panel { axis, groups: groups.to_vec() }
        };
        let panels = [
            panel("bytes written a job: PostgreSQL's log; SQLite's log and file", |cost| {
                cost.wal_bytes.or(cost.written_bytes)
            }),
            panel("processor time of the program, µs a job (with SQLite inside it)", |cost| {
                Some(cost.client_cpu_us)
            }),
            panel("allocations a job", |cost| cost.allocations),
        ];
        panels[1].is_filled().then(|| bars::draw("What a job costs", &NAMES, &panels))
    }

    fn backlog(&self) -> Option<String> {
        let points = |storage: &str| {
            let of_storage = self.0.iter().filter(|line| line.storage == storage);
            let backlog = of_storage.filter(|line| line.scenario == "backlog");
            let mut points: Vec<_> = backlog.map(|line| (line.n as f64, line.jobs_per_s)).collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            points
        };
        let series: Vec<_> =
            NAMES.into_iter().zip(STORAGES.map(points)).filter(|(_, p)| p.len() > 1).collect();
        let curves = Curves {
            title: "Rate of runs with jobs waiting",
            x_axis: "jobs that wait in the line when the runtime starts",
            y_axis: "jobs a second, the first 100,000",
            series,
        };
        (!curves.series.is_empty()).then(|| curves.draw())
    }

    fn growth(&self) -> Option<String> {
        let cases = [
            ("backlog", Some(100_000), "nothing else stored"),
            ("kept", None, "1 M jobs kept"),
            ("scheduled", None, "1 M jobs scheduled"),
            ("queues", Some(100), "in 100 queues"),
            ("queues", Some(10_000), "in 10,000 queues"),
            ("due-started", None, "all due in one second"),
            ("expired-started", None, "1 M jobs being removed"),
        ];
        let groups = cases.map(|(scenario, n, label)| {
            let of = |storage| Some(self.find(storage, scenario, n)?.jobs_per_s);
            (label.to_owned(), STORAGES.map(of).to_vec())
        });
        let panel = Panel { axis: "jobs a second, 50 workers", groups: groups.to_vec() };
        panel.is_filled().then(|| bars::draw("Rate of 100,000 runs", &NAMES, &[panel]))
    }
}
