//! What goes on, at a glance.

use std::cmp::Reverse;
use std::time::Duration;

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use jobs_runtime::{ServerRecord, Throughput};
use serde_json::json;

use super::jobs::listed;
use super::kinds::Kind;
use super::queues::{Queue, queues};
use super::{Page, page};
use crate::app::App;
use crate::fields::Asked;
use crate::format::Given;
use crate::visit::Visit;

const MINUTE: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const TEN_MINUTES: Duration = Duration::from_secs(600);
const HOUR: Duration = Duration::from_secs(3_600);
/// The kinds of a list.
const KINDS: usize = 5;

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    v: Visit,
    counts: Vec<(&'static str, u64)>,
    live: Series,
    history: Series,
    week: bool,
    slowest: Vec<(String, Duration)>,
    failing: Vec<(String, u64)>,
    queues: Vec<Queue>,
    alive: u64,
    servers: Vec<ServerRecord>,
}

/// A row of spans without gaps.
struct Series {
    spans: Vec<Throughput>,
    succeeded: u64,
    failed: u64,
    /// What the chart is drawn of.
    json: String,
}

pub(crate) async fn show(v: Visit, State(app): State<App>, Asked(fields): Asked) -> Page {
    let week = fields.get("period") == Some("week");
    let (age, step) = if week { (WEEK, HOUR) } else { (DAY, TEN_MINUTES) };
    let live = series(app.last_minute(SECOND).await?, MINUTE, SECOND);
    let history = series(app.past(age, week).await?, age, step);
    let kinds = app.kinds().await?;
    let summary = app.summary().await?;
    let mut servers = app.servers().await?;
    servers.retain(|server| !server.gone);
    page(&Overview {
        counts: listed(&summary.counts),
        live,
        history,
        week,
        slowest: slowest(&kinds),
        failing: failing(&kinds),
        queues: queues(summary.queues, servers.clone()),
        alive: servers.len() as u64,
        servers,
        v,
    })
}

/// The spans of this time, also those in which nothing ended.
fn series(found: Vec<Throughput>, age: Duration, step: Duration) -> Series {
    let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX).max(1);
    let (step, age) = (seconds(step), seconds(age));
    let now = Utc::now().timestamp();
    let first = (now - age).div_euclid(step) + 1;
    // The present second is not over, and would always look like a slump.
    let last = (now - i64::from(step == 1)).div_euclid(step);
    let mut spans = Vec::new();
    let mut rest = found.iter().peekable();
    for span in first..=last {
        let mut sum = (0, 0);
        while let Some(next) = rest.next_if(|next| next.at.timestamp().div_euclid(step) <= span) {
            if next.at.timestamp().div_euclid(step) == span {
                sum = (sum.0 + next.succeeded, sum.1 + next.failed);
            }
        }
        spans.push((span * step, sum));
    }
    let times: Vec<i64> = spans.iter().map(|(at, _)| *at).collect();
    let succeeded: Vec<u64> = spans.iter().map(|(_, sum)| sum.0).collect();
    let failed: Vec<u64> = spans.iter().map(|(_, sum)| sum.1).collect();
    Series {
        json: json!([times, succeeded, failed]).to_string(),
        succeeded: succeeded.iter().sum(),
        failed: failed.iter().sum(),
        spans: found,
    }
}

fn slowest(kinds: &[Kind]) -> Vec<(String, Duration)> {
    let slow = |kind: &Kind| Some((kind.name.clone(), kind.percentile(95)?));
    let mut slowest: Vec<_> = kinds.iter().filter_map(slow).collect();
    slowest.sort_by_key(|(_, took)| Reverse(*took));
    slowest.truncate(KINDS);
    slowest
}

fn failing(kinds: &[Kind]) -> Vec<(String, u64)> {
    let mut failing: Vec<_> = kinds
        .iter()
        .filter(|kind| kind.failed > 0)
        .map(|kind| (kind.name.clone(), kind.failed))
        .collect();
    failing.sort_by_key(|(_, failed)| Reverse(*failed));
    failing.truncate(KINDS);
    failing
}

impl Overview {
    /// The lines of the table that stands in for a chart: the latest ones.
    fn latest<'s>(&self, series: &'s Series) -> impl Iterator<Item = &'s Throughput> + use<'s> {
        const LINES: usize = 60;
        series.spans.iter().rev().take(LINES)
    }

    fn is_late(&self, oldest: impl Given<DateTime<Utc>>) -> bool {
        Utc::now() - oldest.given() > TimeDelta::minutes(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_has_no_gaps() {
        let series = series(Vec::new(), MINUTE, SECOND);
        let rows: Vec<Vec<i64>> = serde_json::from_str(&series.json).expect("three rows");
        assert_eq!(rows.len(), 3);
        assert!((59..=60).contains(&rows[0].len()), "{}", rows[0].len());
        assert!(rows[0].windows(2).all(|pair| pair[1] - pair[0] == 1));
        assert!(rows[1].iter().chain(&rows[2]).all(|count| *count == 0));
    }
}
