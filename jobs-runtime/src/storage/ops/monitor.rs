//! What people look at, put together from several tables.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::batch::BatchRecord;
use crate::job::{BatchId, JobId, State};
use crate::storage::batches::MemberRow;
use crate::storage::model::List;
use crate::storage::monitor::{
    BatchMember, BatchNode, LastRun, QueueLoad, StoredKind, Summary, Throughput,
};
use crate::storage::search::Key;
use crate::storage::tables::{Result, Tables};

/// The spans in which ended runs are counted.
pub(crate) const SPAN: Duration = Duration::from_secs(600);
/// So long after its end a span is counted: a transaction that began in it may commit later.
const SETTLES: Duration = Duration::from_secs(60);
const MINUTE: Duration = Duration::from_secs(60);
/// So many ended runs stand for all of a minute.
const SAMPLE: u32 = 1_000;
/// Jobs of all lines together of which the kinds are counted, of a line at least, and of each other
/// list. The line names the kind itself; for the others the record has to be looked up.
const LINED_UP: u32 = 10_000;
const OF_A_LINE: u32 = 100;
const LISTED: u32 = 1_000;
/// Rows that are asked for first where one may name a single job or thousands.
const FEW: u32 = 8;
const COUNTED: Duration = Duration::from_secs(8 * 24 * 60 * 60);
const FAILED: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Debug, Clone)]
struct Names {
    kind: String,
    queue: String,
}

/// The states and the queues, of which the lines are counted once.
pub(crate) async fn summary(t: &mut impl Tables) -> Result<Summary> {
    let queues = t.queues().await?;
    let enqueued = queues.iter().map(|queue| queue.waiting + queue.throttled).sum();
    Ok(Summary { counts: t.counts(Some(enqueued)).await?, queues })
}

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
    let jobs = run_failed(t, limit).await?;
    let mut kinds: HashMap<String, u64> = HashMap::new();
    for names in names_of(t, &jobs).await? {
        *kinds.entry(names.kind).or_default() += 1;
    }
    Ok(kinds)
}

/// The jobs of the latest runs that have failed, one for each of them.
async fn run_failed(t: &mut impl Tables, limit: u32) -> Result<Vec<JobId>> {
    let mut rows = FEW.min(limit);
    loop {
        let mut jobs = t.run_failed(rows).await?;
        let is_last = jobs.len() < rows as usize || rows == limit;
        if jobs.len() >= limit as usize || is_last {
            jobs.truncate(limit as usize);
            return Ok(jobs);
        }
        rows = rows.saturating_mul(FEW).min(limit);
    }
}

/// How many jobs each server has taken and not ended.
pub(crate) async fn busy(t: &mut impl Tables) -> Result<HashMap<i64, u64>> {
    let mut busy = HashMap::new();
    for (server, _) in in_hand(t).await? {
        *busy.entry(server).or_default() += 1;
    }
    Ok(busy)
}

/// The jobs that servers have taken and not ended, each with its server.
async fn in_hand(t: &mut impl Tables) -> Result<Vec<(i64, JobId)>> {
    let mut runs = Vec::new();
    let mut held = Vec::new();
    for lease in t.leases().await? {
        let revoked: HashSet<JobId> = lease.revoked.iter().copied().collect();
        for member in lease.members.iter().filter(|member| !revoked.contains(&member.job)) {
            runs.push((member.job, member.count.run));
            held.push((lease.server, member.job));
        }
    }
    let ended: HashSet<JobId> = t.attempted(&runs).await?.into_iter().collect();
    held.retain(|(_, job)| !ended.contains(job));
    Ok(held)
}

/// Of which kinds jobs are stored that have not settled, or have failed: by kind and state, each
/// with how many of them there are at the heads of the lists.
pub(crate) async fn stored_kinds(t: &mut impl Tables) -> Result<Vec<StoredKind>> {
    let mut kinds: BTreeMap<(String, &'static str), StoredKind> = BTreeMap::new();
    let mut add = |kind: String, state: State, jobs: u64| {
        let key = (kind.clone(), state.as_str());
        kinds.entry(key).or_insert(StoredKind { kind, state, jobs: 0 }).jobs += jobs;
    };
    let queues = t.lines().await?;
    let each = LINED_UP / u32::try_from(queues.len()).unwrap_or(u32::MAX).max(1);
    for queue in &queues {
        for (kind, jobs) in t.kinds_in_line(queue, each.max(OF_A_LINE)).await? {
            add(kind, State::Enqueued, jobs.cast_unsigned());
        }
    }
    for (list, first, state) in [
        (List::Schedule, Key::FIRST, State::Scheduled),
        (List::Awaiting, Key::LAST, State::Awaiting),
        (List::Failed, Key::LAST, State::Failed),
    ] {
        let listed = t.list(list, first, LISTED).await?;
        let jobs: Vec<JobId> = listed.iter().map(|listed| listed.job).collect();
        for names in names_of(t, &jobs).await? {
            add(names.kind, state, 1);
        }
    }
    Ok(kinds.into_values().collect())
}

/// What goes on in each queue. Where many runs end in a minute, some of them tell how all are
/// shared out among the queues: no run has to be counted for it.
pub(crate) async fn loads(t: &mut impl Tables) -> Result<HashMap<String, QueueLoad>> {
    let from = t.now().await? - MINUTE;
    let spans = t.ends(from, MINUTE).await?;
    let succeeded: u64 = spans.iter().map(|span| span.succeeded).sum();
    let failed: u64 = spans.iter().map(|span| span.failed).sum();
    let mut loads: HashMap<String, QueueLoad> = HashMap::new();
    let held: Vec<JobId> = in_hand(t).await?.into_iter().map(|(_, job)| job).collect();
    for names in names_of(t, &held).await? {
        loads.entry(names.queue).or_default().running += 1;
    }
    let mut shares: HashMap<String, f64> = HashMap::new();
    let failures = run_failed(t, u32::try_from(failed).unwrap_or(SAMPLE).min(SAMPLE)).await?;
    for (jobs, all) in [(succeeded_since(t, from).await?, succeeded), (failures, failed)] {
        let named = names_of(t, &jobs).await?;
        let each = all as f64 / named.len().max(1) as f64;
        for names in named {
            *shares.entry(names.queue).or_default() += each;
        }
    }
    for (queue, share) in shares {
        loads.entry(queue).or_default().per_minute = share.round() as u64;
    }
    Ok(loads)
}

/// Some of the jobs that have succeeded since then, the latest ones.
async fn succeeded_since(t: &mut impl Tables, from: DateTime<Utc>) -> Result<Vec<JobId>> {
    let from = from.timestamp_micros();
    let rows = t.finished(Key::LAST, SAMPLE).await?;
    let rows = rows.iter().filter(|row| row.at >= from);
    let mut jobs: Vec<JobId> = rows.flat_map(|row| row.jobs.iter().copied()).collect();
    let kept = t.list(List::Kept, Key::LAST, SAMPLE).await?;
    jobs.extend(kept.iter().filter(|listed| listed.key.at >= from).map(|listed| listed.job));
    Ok(jobs)
}

/// What each of these jobs that is stored is called, as often as it is in the list.
async fn names_of(t: &mut impl Tables, jobs: &[JobId]) -> Result<Vec<Names>> {
    let once: Vec<JobId> = jobs.iter().copied().collect::<HashSet<_>>().into_iter().collect();
    let mut names = HashMap::new();
    for (job, kind, queue) in t.names_of(&once).await? {
        names.insert(job, Names { kind, queue });
    }
    Ok(jobs.iter().filter_map(|job| names.get(job).cloned()).collect())
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
