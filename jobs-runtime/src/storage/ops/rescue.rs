//! Putting back the jobs of servers that died.
//!
//! Which of a batch's jobs had been started is known only of those that a heartbeat found
//! running. So a rescued job is leased alone the next time, and a server starts one such job at a
//! time: a process that dies then names its killer. Whoever started after the last heartbeat is
//! suspected first; only if nobody did is the attempt charged to all that were known to run.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::delete::{self, Leaving};
use super::end::Ended;
use super::place::{Return, line_up};
use super::retain::Retention;
use super::settle::settle;
use super::throttles::release_leases;
use super::{Effects, failure_json};
use crate::job::{BatchId, FailureKind, JobFailure, JobId, OnExhausted, Overrides, State};
use crate::storage::model::{
    AttemptEnd, AttemptRow, Count, Event, EventRow, FailedReason, FailedRow, JobRow, Lease, Member,
    Settled,
};
use crate::storage::servers::{KindRow, ServerRow};
use crate::storage::tables::{Result, Tables};

/// Retries of a kind that no server has announced.
const UNKNOWN_RETRIES: u32 = 10;

/// Declares servers dead that have been silent for this long, and puts their jobs back. Gives
/// how many jobs that were.
pub(crate) async fn rescue(
    t: &mut impl Tables,
    silence: Duration,
    retention: &Retention,
    effects: &mut Effects,
) -> Result<usize> {
    let dead = t.bury_silent(silence).await?;
    if dead.is_empty() {
        return Ok(0);
    }
    let leases = t.leases_of(&dead).await?;
    let servers = t.servers().await?;
    let mut rescued = 0;
    for server in servers.iter().filter(|server| dead.contains(&server.id)) {
        let of_server: Vec<&Lease> =
            leases.iter().filter(|lease| lease.server == server.id).collect();
        rescued += rescue_server(t, server, &of_server, retention, effects).await?;
    }
    let ids: Vec<i64> = leases.iter().map(|lease| lease.id).collect();
    t.delete_leases(&ids).await?;
    release_leases(t, &ids, effects).await?;
    Ok(rescued)
}

async fn rescue_server(
    t: &mut impl Tables,
    server: &ServerRow,
    leases: &[&Lease],
    retention: &Retention,
    effects: &mut Effects,
) -> Result<usize> {
    let members = unfinished(t, leases).await?;
    let charged = suspects(leases, server.heartbeat_at);
    let (charged, innocent): (Vec<Member>, Vec<Member>) =
        members.into_iter().partition(|member| charged.contains(&member.job));
    let rescued = charged.len() + innocent.len();

    let returns = innocent.iter().map(|member| Return {
        job: member.job,
        count: member.count,
        solo: true,
        seq: Some(member.seq),
    });
    line_up(t, returns.collect(), effects).await?;
    let events: Vec<EventRow> = innocent
        .iter()
        .map(|member| EventRow {
            job: member.job,
            event: Event::Rescued,
            from: State::Processing,
            to: State::Enqueued,
            reason: "its server died".into(),
            server: Some(server.id),
        })
        .collect();
    if !events.is_empty() {
        t.insert_events(&events).await?;
    }
    charge(t, server.id, &charged, retention, effects).await?;
    Ok(rescued)
}

/// The members of these leases that are still in them and have not ended.
pub(super) async fn unfinished(t: &mut impl Tables, leases: &[&Lease]) -> Result<Vec<Member>> {
    if leases.is_empty() {
        return Ok(Vec::new());
    }
    let mut members: Vec<Member> = leases
        .iter()
        .flat_map(|lease| {
            lease.members.iter().filter(|member| !lease.revoked.contains(&member.job)).copied()
        })
        .collect();
    let runs: Vec<(JobId, i32)> =
        members.iter().map(|member| (member.job, member.count.run)).collect();
    let ended: HashSet<JobId> = t.attempted(&runs).await?.into_iter().collect();
    members.retain(|member| !ended.contains(&member.job));
    Ok(members)
}

/// The jobs that pay for their server's death with an attempt.
fn suspects(leases: &[&Lease], last_beat: DateTime<Utc>) -> BTreeSet<JobId> {
    let alone = leases.iter().filter(|lease| lease.solo && lease.started_at >= Some(last_beat));
    match alone.max_by_key(|lease| lease.started_at) {
        Some(lease) => lease.started.iter().copied().collect(),
        None => leases.iter().flat_map(|lease| &lease.started).copied().collect(),
    }
}

/// Writes a failed attempt for each of these jobs, and tries it again if it has one left.
async fn charge(
    t: &mut impl Tables,
    server: i64,
    members: &[Member],
    retention: &Retention,
    effects: &mut Effects,
) -> Result<()> {
    if members.is_empty() {
        return Ok(());
    }
    let failure = JobFailure::new(FailureKind::Died, "the process that ran it died");
    let stored = failure_json(&failure);
    let attempt = |member: &Member| AttemptRow {
        job: member.job,
        run: member.count.run,
        end: AttemptEnd::Failed,
        server: Some(server),
        age: Duration::ZERO,
        took: Duration::ZERO,
        output: None,
        failure: Some(stored.clone()),
        keeps: false,
    };
    let attempts: Vec<AttemptRow<'_>> = members.iter().map(attempt).collect();
    t.insert_attempts(&attempts).await?;

    let ids: Vec<JobId> = members.iter().map(|member| member.job).collect();
    let kinds = t.kinds().await?;
    let kinds: HashMap<&str, &KindRow> =
        kinds.iter().map(|kind| (kind.name.as_str(), kind)).collect();
    let records = t.jobs(&ids).await?;
    let terms: HashMap<JobId, Terms> =
        records.iter().map(|record| (record.id, Terms::of(record, &kinds))).collect();

    let mut again = Vec::new();
    let (mut leaving, mut failed) = (Vec::new(), Vec::new());
    for member in members {
        let count = Count { run: member.count.run + 1, charged: member.count.charged + 1 };
        let Some(terms) = terms.get(&member.job) else { continue };
        if i64::from(count.charged) < i64::from(terms.attempts) {
            again.push(Return { job: member.job, count, solo: true, seq: None });
            continue;
        }
        match terms.on_exhausted {
            OnExhausted::Delete => leaving.push(Leaving {
                job: member.job,
                from: State::Processing,
                reason: "its attempts are used up".to_owned(),
                cause: None,
                failure: Some(failure.clone()),
                count,
                batch: terms.batch,
                keep: retention.deleted,
                server: Some(server),
            }),
            OnExhausted::Fail => failed.push((member.job, count, terms.batch)),
        }
    }
    line_up(t, again, effects).await?;
    let mut ended = delete::delete(t, leaving).await?;
    ended.extend(fail(t, failed, &failure, retention).await?);
    settle(t, ended, retention, effects).await
}

/// What a rescuer must know of a job.
struct Terms {
    attempts: u32,
    on_exhausted: OnExhausted,
    batch: Option<BatchId>,
}

impl Terms {
    fn of(record: &JobRow, kinds: &HashMap<&str, &KindRow>) -> Self {
        let kind = kinds.get(record.kind.as_str());
        let own = Overrides::of(record.options.as_deref());
        let retries =
            own.retries.or_else(|| kind.map(|kind| kind.retries)).unwrap_or(UNKNOWN_RETRIES);
        let on_exhausted = own.on_exhausted.or_else(|| kind.map(|kind| kind.on_exhausted));
        Self {
            attempts: retries.saturating_add(1),
            on_exhausted: on_exhausted.unwrap_or_default(),
            batch: own.batch,
        }
    }
}

async fn fail(
    t: &mut impl Tables,
    failed: Vec<(JobId, Count, Option<BatchId>)>,
    failure: &JobFailure,
    retention: &Retention,
) -> Result<Vec<Ended>> {
    if failed.is_empty() {
        return Ok(Vec::new());
    }
    let row = |&(job, count, _): &(JobId, Count, Option<BatchId>)| FailedRow {
        job,
        reason: FailedReason::Exhausted,
        failure: failure_json(failure),
        count,
    };
    t.insert_failed(&failed.iter().map(row).collect::<Vec<_>>()).await?;
    if let Some(keep) = retention.failed {
        let single = failed.iter().filter(|(.., batch)| batch.is_none());
        let expiries: Vec<_> = single.map(|(job, ..)| (*job, keep)).collect();
        if !expiries.is_empty() {
            t.insert_expiry(&expiries).await?;
        }
    }
    let end = Settled::Failed { failure: failure.clone() };
    Ok(failed.into_iter().map(|(job, _, batch)| Ended::new(job, end.clone(), batch)).collect())
}
