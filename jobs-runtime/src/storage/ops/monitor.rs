//! What people look at, put together from several tables.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::batch::BatchRecord;
use crate::job::{BatchId, JobId};
use crate::storage::batches::MemberRow;
use crate::storage::monitor::{BatchMember, BatchNode, LastRun, Throughput};
use crate::storage::search::Key;
use crate::storage::tables::{Result, Tables};

/// The spans in which ended runs are counted.
pub(crate) const SPAN: Duration = Duration::from_secs(600);
/// So long after its end a span is counted: a transaction that began in it may commit later.
const SETTLES: Duration = Duration::from_secs(60);
const COUNTED: Duration = Duration::from_secs(8 * 24 * 60 * 60);
const FAILED: Duration = Duration::from_secs(24 * 60 * 60);

/// Counts the runs of the spans that are over.
pub(crate) async fn count_ends(t: &mut impl Tables) -> Result<()> {
    let now = t.now().await?;
    t.count_ends(SPAN, span_of(now - SETTLES)).await?;
    t.forget_ends(COUNTED, FAILED).await
}

/// How many runs ended in each span of the time since then.
pub(crate) async fn throughput(t: &mut impl Tables, age: Duration) -> Result<Vec<Throughput>> {
    let now = t.now().await?;
    let from = span_of(TimeDelta::from_std(age).map_or(now, |age| now - age));
    let mut spans = t.counted_ends(from).await?;
    let since = spans.last().map_or(from, |last| last.at + SPAN);
    spans.extend(t.ends(since, SPAN).await?);
    Ok(spans)
}

fn span_of(at: DateTime<Utc>) -> DateTime<Utc> {
    let length = i64::try_from(SPAN.as_micros()).unwrap_or(i64::MAX);
    let micros = at.timestamp_micros().div_euclid(length) * length;
    DateTime::from_timestamp_micros(micros).unwrap_or(at)
}

/// The last runs of jobs that have succeeded lately, about `limit` of them.
pub(crate) async fn latest_successes(t: &mut impl Tables, limit: u32) -> Result<Vec<LastRun>> {
    let rows = t.finished(Key::LAST, limit).await?;
    let jobs = rows.iter().flat_map(|row| row.jobs.iter().rev().copied());
    let jobs: Vec<JobId> = jobs.take(limit as usize).collect();
    t.last_runs(&jobs).await
}

/// The kinds of the latest runs that have failed, about `limit` of them, with how many.
pub(crate) async fn latest_failures(
    t: &mut impl Tables,
    limit: u32,
) -> Result<HashMap<String, u64>> {
    let mut jobs = t.run_failed(limit).await?;
    jobs.truncate(limit as usize);
    let mut kinds: HashMap<String, u64> = HashMap::new();
    let of_jobs: HashMap<JobId, String> = {
        let once: HashSet<JobId> = jobs.iter().copied().collect();
        let runs = t.last_runs(&once.into_iter().collect::<Vec<_>>()).await?;
        runs.into_iter().map(|run| (run.job, run.kind)).collect()
    };
    for kind in jobs.iter().filter_map(|job| of_jobs.get(job)) {
        *kinds.entry(kind.clone()).or_default() += 1;
    }
    Ok(kinds)
}

/// How many jobs each server has taken and not ended.
pub(crate) async fn busy(t: &mut impl Tables) -> Result<HashMap<i64, u64>> {
    let mut runs = Vec::new();
    let mut servers = Vec::new();
    for lease in t.leases().await? {
        let revoked: HashSet<JobId> = lease.revoked.iter().copied().collect();
        for member in lease.members.iter().filter(|member| !revoked.contains(&member.job)) {
            runs.push((member.job, member.count.run));
            servers.push(lease.server);
        }
    }
    let ended: HashSet<JobId> = t.attempted(&runs).await?.into_iter().collect();
    let mut busy = HashMap::new();
    for ((job, _), server) in runs.iter().zip(servers) {
        if !ended.contains(job) {
            *busy.entry(server).or_default() += 1;
        }
    }
    Ok(busy)
}

/// Up to `limit` members of a batch behind this position, as they are stored.
pub(crate) async fn members(
    t: &mut impl Tables,
    batch: BatchId,
    after: i64,
    limit: u32,
) -> Result<Vec<BatchMember>> {
    let rows = t.members(batch, after, limit).await?;
    let of = |batch: bool| rows.iter().filter(move |row| row.is_batch == batch).map(|row| row.node);
    let jobs: Vec<JobId> = of(false).collect();
    let batches: Vec<BatchId> = of(true).map(BatchId::of).collect();
    let mut nodes: HashMap<JobId, BatchNode> = HashMap::new();
    for record in t.records(&jobs).await? {
        nodes.insert(record.id, BatchNode::Job(record.shown()));
    }
    for row in t.batches(&batches).await? {
        nodes.insert(row.id.node(), BatchNode::Batch(BatchRecord::from(row)));
    }
    let member = |row: &MemberRow| {
        Some(BatchMember { position: row.position, node: nodes.remove(&row.node)? })
    };
    Ok(rows.iter().filter_map(member).collect())
}
