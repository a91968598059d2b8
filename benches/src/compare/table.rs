//! Results, as Markdown for people.

use std::fmt::Write;

use clap::ValueEnum;
use jobs_bench_harness::Scenario;

use crate::result::Outcome;
use crate::roster;

/// Two tables: what was reached, and what a drained job costs.
pub(crate) fn markdown(outcomes: &[Outcome]) -> String {
    let mut notes = Vec::new();
    let mut text = rates(outcomes, &mut notes);
    text.push_str(&footnotes(&notes));
    text.push('\n');
    text.push_str(&costs(outcomes));
    text
}

/// A row for each library on each database, in the order of the roster.
fn rows(outcomes: &[Outcome]) -> Vec<(&'static str, &'static str)> {
    let all = roster::ALL.iter().map(|entry| (entry.name, entry.kind.name()));
    all.filter(|row| outcomes.iter().any(|outcome| is_of(outcome, *row))).collect()
}

fn is_of(outcome: &Outcome, row: (&str, &str)) -> bool {
    (outcome.line.peer.as_str(), outcome.line.storage.as_str()) == row
}

/// A column for each scenario that was run with each number of workers.
fn columns(outcomes: &[Outcome]) -> Vec<(Scenario, usize)> {
    let scenarios = Scenario::value_variants().iter();
    let all = scenarios.flat_map(|scenario| {
        scenario.concurrencies().iter().map(|concurrency| (*scenario, *concurrency))
    });
    all.filter(|column| outcomes.iter().any(|outcome| is_in(outcome, *column))).collect()
}

fn is_in(outcome: &Outcome, (scenario, concurrency): (Scenario, usize)) -> bool {
    outcome.line.scenario == scenario.name() && outcome.line.concurrency == concurrency
}

fn rates(outcomes: &[Outcome], notes: &mut Vec<String>) -> String {
    let columns = columns(outcomes);
    let titles = columns.iter().map(|(scenario, concurrency)| title(*scenario, *concurrency));
    let mut text = head(["peer", "version", "storage", "history"], titles);
    for (peer, storage) in rows(outcomes) {
        let row: Vec<&Outcome> =
            outcomes.iter().filter(|outcome| is_of(outcome, (peer, storage))).collect();
        let version = row.first().map_or("", |outcome| outcome.line.version.as_str());
        let history = row.first().is_some_and(|outcome| outcome.line.keeps_history);
        let history = if history { "yes" } else { "no" };
        let _ = write!(text, "| {peer} | {version} | {storage} | {history} |");
        for column in &columns {
            let outcome = row.iter().find(|outcome| is_in(outcome, *column));
            let cell = outcome.map_or_else(|| "–".to_owned(), |outcome| cell(outcome, notes));
            let _ = write!(text, " {cell} |");
        }
        text.push('\n');
    }
    text
}

fn title(scenario: Scenario, concurrency: usize) -> String {
    match scenario {
        Scenario::Drain => format!("drain {concurrency}"),
        Scenario::Latency => "latency p50 / p99, ms".to_owned(),
        _ => scenario.name().to_owned(),
    }
}

fn cell(outcome: &Outcome, notes: &mut Vec<String>) -> String {
    let line = &outcome.line;
    if let Some(note) = &line.note {
        let number = notes.iter().position(|known| known == note).unwrap_or_else(|| {
            notes.push(note.clone());
            notes.len() - 1
        });
        return format!("– [{}]", number + 1);
    }
    if line.scenario == Scenario::Latency.name() {
        return format!("{} / {}", number(line.p50_ms, 2), number(line.p99_ms, 2));
    }
    number(line.jobs_per_s, 0)
}

fn footnotes(notes: &[String]) -> String {
    let mut text = String::new();
    for (index, note) in notes.iter().enumerate() {
        let separator = if index == 0 { "\n" } else { "; " };
        let _ = write!(text, "{separator}[{}] {note}", index + 1);
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn costs(outcomes: &[Outcome]) -> String {
    let titles = ["WAL bytes", "commits", "rows written", "client CPU, µs"];
    let mut text = head(["peer", "storage", "scenario"], titles.map(str::to_owned));
    let shown = [(Scenario::Enqueue1, 1), (Scenario::Bulk, 1), (Scenario::Drain, 50)];
    for (peer, storage) in rows(outcomes) {
        for column in shown {
            let found = outcomes.iter().find(|outcome| {
                is_of(outcome, (peer, storage))
                    && is_in(outcome, column)
                    && outcome.line.note.is_none()
            });
            let Some(outcome) = found else { continue };
            let cost = &outcome.cost;
            let _ = writeln!(
                text,
                "| {peer} | {storage} | {} | {} | {} | {} | {} |",
                title(column.0, column.1),
                number(cost.wal_bytes_per_job, 0),
                number(cost.commits_per_job, 4),
                number(cost.rows_per_job, 2),
                number(cost.client_cpu_us_per_job, 1),
            );
        }
    }
    text
}

/// The head of a table: names to the left, figures to the right.
fn head<const N: usize>(names: [&str; N], figures: impl IntoIterator<Item = String>) -> String {
    let figures: Vec<String> = figures.into_iter().collect();
    let mut text = "|".to_owned();
    for title in names.iter().map(|name| (*name).to_owned()).chain(figures.iter().cloned()) {
        let _ = write!(text, " {title} |");
    }
    text.push_str("\n|");
    text.push_str(&"---|".repeat(N));
    text.push_str(&"---:|".repeat(figures.len()));
    text.push('\n');
    text
}

/// With commas between thousands.
fn number(value: Option<f64>, digits: usize) -> String {
    let Some(value) = value else { return "–".to_owned() };
    let text = format!("{value:.digits$}");
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(number(Some(1_234_567.0), 0), "1,234,567");
        assert_eq!(number(Some(999.5), 1), "999.5");
        assert_eq!(number(Some(1_000.25), 2), "1,000.25");
        assert_eq!(number(None, 0), "–");
    }
}
