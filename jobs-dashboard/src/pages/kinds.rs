//! The kinds of jobs, and how their runs go.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::State;
use jobs_runtime::{OnExhausted, StoredKind};

use super::{Page, page};
use crate::app::App;
use crate::failure::Failure;
use crate::format::Given;
use crate::visit::Visit;

/// The latest runs from which durations and failures are taken: read in a few milliseconds.
pub(crate) const SAMPLE: u32 = 1_000;

#[derive(Template)]
#[template(path = "kinds.html")]
struct Kinds {
    v: Visit,
    kinds: Arc<Vec<Kind>>,
    unknown: Vec<Unknown>,
}

/// A kind that no live server knows, and of which jobs are stored.
struct Unknown {
    name: String,
    /// How many are in which state.
    jobs: Vec<(&'static str, u64)>,
}

/// A kind that a server has announced, or of which jobs have run.
#[derive(Debug, Default)]
pub(crate) struct Kind {
    pub(crate) name: String,
    pub(crate) queue: String,
    pub(crate) retries: Option<u32>,
    pub(crate) deletes: bool,
    /// The names of the live servers that know it.
    pub(crate) servers: Vec<String>,
    /// Of the latest successes.
    pub(crate) runs: u64,
    /// Of the latest failed runs.
    pub(crate) failed: u64,
    /// Ascending.
    took: Vec<Duration>,
}

impl Kind {
    /// The duration that so many of a hundred do not exceed.
    pub(crate) fn percentile(&self, percent: impl Given<usize>) -> Option<Duration> {
        let rank = (self.took.len() * percent.given()).div_ceil(100);
        self.took.get(rank.saturating_sub(1)).copied()
    }
}

pub(crate) async fn show(v: Visit, State(app): State<App>) -> Page {
    let kinds = app.kinds().await?;
    let unknown = unknown(&kinds, app.stored_kinds().await?);
    page(&Kinds { kinds, unknown, v })
}

fn unknown(kinds: &[Kind], stored: Vec<StoredKind>) -> Vec<Unknown> {
    let known: HashSet<&str> = kinds
        .iter()
        .filter(|kind| !kind.servers.is_empty())
        .map(|kind| kind.name.as_str())
        .collect();
    let mut unknown: Vec<Unknown> = Vec::new();
    for StoredKind { kind, state, jobs, .. } in stored {
        if known.contains(kind.as_str()) {
            continue;
        }
        match unknown.last_mut().filter(|last| last.name == kind) {
            Some(last) => last.jobs.push((state.as_str(), jobs)),
            None => unknown.push(Unknown { name: kind, jobs: vec![(state.as_str(), jobs)] }),
        }
    }
    unknown
}

/// By name.
pub(crate) async fn kinds(app: &App) -> Result<Vec<Kind>, Failure> {
    let client = &app.client;
    let mut kinds: BTreeMap<String, Kind> = BTreeMap::new();
    for record in app.announced().await? {
        let kind = kinds.entry(record.name).or_default();
        kind.queue = record.queue;
        kind.retries = Some(record.retries);
        kind.deletes = record.on_exhausted == OnExhausted::Delete;
    }
    for server in app.servers().await?.into_iter().filter(|server| !server.gone) {
        for name in server.kinds {
            kinds.entry(name).or_default().servers.push(server.name.clone());
        }
    }
    for run in client.latest_successes(SAMPLE).await? {
        let kind = kinds.entry(run.kind).or_default();
        kind.runs += 1;
        kind.took.push(run.took);
    }
    let failed: HashMap<String, u64> = client.latest_failures(SAMPLE).await?;
    for (name, failed) in failed {
        kinds.entry(name).or_default().failed = failed;
    }
    let named = |(name, mut kind): (String, Kind)| {
        kind.took.sort_unstable();
        Kind { name, ..kind }
    };
    Ok(kinds.into_iter().map(named).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_durations() {
        let kind = |count| Kind {
            took: (1..=count).map(Duration::from_millis).collect(),
            ..Kind::default()
        };
        assert_eq!(kind(0).percentile(50), None);
        assert_eq!(kind(1).percentile(99), Some(Duration::from_millis(1)));
        assert_eq!(kind(100).percentile(95), Some(Duration::from_millis(95)));
        assert_eq!(kind(3).percentile(50), Some(Duration::from_millis(2)));
    }
}
