//! Every sort of search, and the counts.

use anyhow::{Context, Result};
use chrono::{TimeDelta, Utc};
use jobs_runtime::{Client, Cursor, JobFilter, JobState};

use super::meter::Meter;
use super::table::Table;
use super::timed;
use crate::target::Target;

const STATES: [JobState; 7] = [
    JobState::Enqueued,
    JobState::Scheduled,
    JobState::Awaiting,
    JobState::Processing,
    JobState::Succeeded,
    JobState::Failed,
    JobState::Deleted,
];

/// How deep a deep page is.
const DEEP: usize = 50_000;
/// The jobs of each page up to there.
const STEP: usize = 250;

pub(super) async fn measure(
    target: &Target,
    client: &Client,
    meter: &mut Meter,
    runs: usize,
    table: &mut Table,
) -> Result<()> {
    for (name, filter) in filters(client).await? {
        let line = timed(meter, runs, || async { Ok(client.search(&filter).await?.jobs.len()) });
        table.add(target, "search", &name, line.await?)?;
    }
    let line =
        timed(meter, runs, || async { Ok(usize::try_from(client.counts().await?.succeeded)?) });
    table.add(target, "search", "counts", line.await?)
}

async fn filters(client: &Client) -> Result<Vec<(String, JobFilter)>> {
    let new = JobFilter::new;
    let now = Utc::now();
    let hours = |from: i64, to: i64| now - TimeDelta::hours(from)..now - TimeDelta::hours(to);
    let mut filters = vec![
        ("all".to_owned(), new()),
        ("kind".to_owned(), new().kind("send_mail")),
        ("kind that nobody knows".to_owned(), new().kind("no_such_kind")),
        ("queue".to_owned(), new().queue("queue-3")),
        ("kind and queue".to_owned(), new().kind("write_report").queue("queue-3")),
    ];
    for state in STATES {
        filters.push((format!("state {state}"), new().state(state)));
    }
    let succeeded = || new().state(JobState::Succeeded);
    let failed = || new().state(JobState::Failed);
    filters.extend([
        ("succeeded, kind".to_owned(), succeeded().kind("resize_image")),
        ("failed, queue".to_owned(), failed().queue("queue-5")),
        ("failed, kind that none has".to_owned(), failed().kind("send_mail")),
        ("tag of thousands".to_owned(), new().tag("region-1")),
        ("tag of hundreds".to_owned(), new().tag("tenant-7")),
        ("tag of five".to_owned(), new().tag("rare")),
        ("tag that none has".to_owned(), new().tag("none")),
        ("two tags".to_owned(), new().tag("region-3").tag("tenant-7")),
        ("failed, tag".to_owned(), failed().tag("region-2")),
        ("text of many, succeeded".to_owned(), succeeded().text("example.com")),
        ("text of one, enqueued".to_owned(), new().state(JobState::Enqueued).text("r-4321@")),
        ("text of one, failed".to_owned(), failed().text("customer-54321@")),
        ("text of none, anywhere".to_owned(), new().text("nobody@nowhere")),
        ("stored in the last hour".to_owned(), new().created(hours(1, 0))),
        ("succeeded 12 hours ago".to_owned(), succeeded().finished(hours(12, 11))),
    ]);
    let deep = [
        ("enqueued", new().state(JobState::Enqueued)),
        ("succeeded", succeeded()),
        ("failed", failed()),
        ("tag of thousands", new().tag("region-1")),
    ];
    for (name, filter) in deep {
        let after = deep_in(client, &filter).await?;
        filters.push((format!("{name}, a deep page"), filter.after(after)));
    }
    Ok(filters)
}

/// Where so many jobs have been listed, or half as many as there are.
pub(super) async fn deep_in(client: &Client, filter: &JobFilter) -> Result<Cursor> {
    let mut ends = Vec::new();
    let mut filter = filter.clone().limit(STEP);
    while ends.len() < DEEP / STEP {
        let Some(next) = client.search(&filter).await?.next else {
            ends.truncate(ends.len().div_ceil(2));
            break;
        };
        filter = filter.after(next.clone());
        ends.push(next);
    }
    ends.pop().context("a list that has several pages has one only")
}
