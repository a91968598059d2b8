//! Where single jobs are, and taking them from there.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use sqlx::mysql::MySqlRow;

use super::leases;
use super::tables::MySqlTables;
use super::values::{damaged, ids_json, json, micros, rank};
use crate::job::{JobId, State};
use crate::storage::model::{Count, Hold, Member, Placed, Placement, Settled};
use crate::storage::packing::{pack_ids, unpack_ids, unpack_members};
use crate::storage::rows::Columns;
use crate::storage::tables::{Result, displace_one_by_one};

/// How often a job may be moved by others between looking and locking before something must be
/// wrong with it.
const LOOKS: usize = 20;

/// Up to so many jobs are looked for in the leases one by one; for more, all leases are read.
const FEW: usize = 4;

/// A place, with the queue and rank that its record names.
struct Seen {
    placed: Placed,
    queue: String,
    rank: i32,
}

pub(super) async fn placed(
    t: &mut MySqlTables<'_>,
    jobs: &[JobId],
    hold: Hold,
) -> Result<Vec<Placed>> {
    let mut ids = jobs.to_vec();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut seen = find(t, &ids).await?;
    for _ in 0..LOOKS {
        // In the caller's transaction, to look was to lock.
        if !t.joined {
            lock_places(t, &seen, hold).await?;
        }
        // What has not moved meanwhile is locked now.
        let now = find(t, &ids).await?;
        let same = |(a, b): (&Seen, &Seen)| {
            a.placed.job == b.placed.job && a.placed.placement == b.placed.placement
        };
        if now.len() == seen.len() && now.iter().zip(&seen).all(same) {
            return Ok(now.into_iter().map(|seen| seen.placed).collect());
        }
        seen = now;
    }
    let value = format!("moved on {LOOKS} times while it was to be locked");
    Err(damaged("place of a job", value))
}

/// Where the job is, in a transaction that sees one state of all tables; nothing is locked.
pub(super) async fn look(t: &mut MySqlTables<'_>, jobs: &[JobId]) -> Result<Vec<Placed>> {
    Ok(find(t, jobs).await?.into_iter().map(|seen| seen.placed).collect())
}

/// In ascending order of the ids.
async fn find(t: &mut MySqlTables<'_>, ids: &[JobId]) -> Result<Vec<Seen>> {
    let rows = t.rows_of(&t.sql.placed, &ids_json(ids)).await?;
    let mut seen = Vec::with_capacity(rows.len());
    let mut elsewhere = HashMap::new();
    for row in &rows {
        let job = row.get(0)?;
        match row.get::<Option<&str>>(1)? {
            Some(state) => seen.push(Seen {
                placed: place(row, job, state)?,
                queue: row.get(6)?,
                rank: rank(row.get(7)?),
            }),
            None => {
                elsewhere.insert(job, row.get::<Option<i32>>(5)?);
            }
        }
    }
    leased(t, &elsewhere, &mut seen).await?;
    seen.sort_unstable_by_key(|seen| seen.placed.job);
    Ok(seen)
}

/// A row of id, state, version, run and charged.
fn place(row: &MySqlRow, job: JobId, state: &str) -> Result<Placed> {
    let state = State::from_name(state).ok_or_else(|| damaged("state", state))?;
    let version = row.get(2)?;
    let count = Count { run: row.get(3)?, charged: row.get(4)? };
    Ok(Placed { job, placement: Placement { state, version }, count })
}

/// Looks for jobs, each with its latest finished run, among the members of the leases.
async fn leased(
    t: &mut MySqlTables<'_>,
    jobs: &HashMap<JobId, Option<i32>>,
    seen: &mut Vec<Seen>,
) -> Result<()> {
    let mut rows = Vec::new();
    if jobs.len() > FEW {
        rows = t.rows(t.query(&t.sql.leases)).await?;
    } else {
        for job in jobs.keys() {
            rows.extend(t.rows(t.query(&t.sql.leases_with).bind(job.as_uuid())).await?);
        }
    }
    let mut found: HashMap<JobId, (i64, Count)> = HashMap::new();
    for row in &rows {
        let lease: i64 = row.get(0)?;
        let revoked: HashSet<JobId> = unpack_ids(row.get(2)?).into_iter().collect();
        for member in unpack_members(row.get(1)?) {
            let Some(last_run) = jobs.get(&member.job) else { continue };
            let ended = last_run.is_some_and(|run| run >= member.count.run);
            let newer = found.get(&member.job).is_none_or(|(other, _)| *other < lease);
            if !ended && newer && !revoked.contains(&member.job) {
                found.insert(member.job, (lease, member.count));
            }
        }
    }
    seen.extend(found.into_iter().map(|(job, (lease, count))| {
        let placement = Placement { state: State::Processing, version: lease };
        Seen { placed: Placed { job, placement, count }, queue: String::new(), rank: 0 }
    }));
    Ok(())
}

/// Locks the rows that place these jobs, table by table and ascending in each, so that two
/// transactions that want the same ones do not wait for each other. Leases come first, as with
/// those who write the ends of runs.
async fn lock_places(t: &mut MySqlTables<'_>, seen: &[Seen], hold: Hold) -> Result<()> {
    let sql = t.sql;
    let of = |state: State| seen.iter().filter(move |seen| seen.placed.placement.state == state);
    let mut leases: Vec<i64> =
        of(State::Processing).map(|seen| seen.placed.placement.version).collect();
    if !leases.is_empty() {
        leases.sort_unstable();
        leases.dedup();
        // Only leases place several jobs in one row, and so are shared by those who want them to
        // stay.
        let lock = match hold {
            Hold::Stay => &sql.share_leases,
            Hold::Move => &sql.lock_leases,
        };
        t.rows_of(lock, &json(&leases)).await?;
    }
    let succeeded: Vec<JobId> = of(State::Succeeded).map(|seen| seen.placed.job).collect();
    if !succeeded.is_empty() {
        t.rows_of(&sql.lock_succeeded, &ids_json(&succeeded)).await?;
    }
    let line: Vec<(&str, i32, i64)> = of(State::Enqueued)
        .map(|seen| (seen.queue.as_str(), seen.rank, seen.placed.placement.version))
        .collect();
    if !line.is_empty() {
        t.rows_of(&sql.lock_enqueued, &json(&line)).await?;
    }
    for (state, lock) in [
        (State::Enqueued, &sql.lock_waiting),
        (State::Scheduled, &sql.lock_scheduled),
        (State::Awaiting, &sql.lock_awaiting),
        (State::Failed, &sql.lock_failed),
        (State::Deleted, &sql.lock_deleted),
    ] {
        let ids: Vec<JobId> = of(state).map(|seen| seen.placed.job).collect();
        if !ids.is_empty() {
            t.rows_of(lock, &ids_json(&ids)).await?;
        }
    }
    Ok(())
}

pub(super) async fn displace(t: &mut MySqlTables<'_>, job: JobId, from: Placement) -> Result<bool> {
    let sql = match from.state {
        State::Processing => return leave_lease(t, job, from.version).await,
        State::Enqueued => &t.sql.leave_line,
        State::Scheduled => &t.sql.leave_schedule,
        State::Awaiting => &t.sql.leave_awaiting,
        State::Failed => &t.sql.leave_failed,
        State::Deleted => &t.sql.leave_deleted,
        State::Succeeded => &t.sql.supersede,
    };
    let leave = t.query(sql).bind(job.as_uuid()).bind(from.version);
    let mut left = t.execute(leave).await?;
    if left == 0 && from.state == State::Enqueued {
        // It may wait for a throttle instead.
        let leave = t.query(&t.sql.leave_waiting).bind(job.as_uuid()).bind(from.version);
        left = t.execute(leave).await?;
    }
    if left == 0 {
        return Ok(false);
    }
    if from.state.is_settled() {
        let expiry = t.query(&t.sql.drop_expiry).bind(job.as_uuid());
        t.execute(expiry).await?;
    }
    if from.state == State::Succeeded {
        leave_finished(t, job, from.version).await?;
    }
    Ok(true)
}

/// Takes a job out of the list of those that have succeeded.
async fn leave_finished(t: &mut MySqlTables<'_>, job: JobId, run: i64) -> Result<()> {
    let sql = t.sql;
    for (listed, set) in [
        (&sql.listed_finished, &sql.set_finished),
        (&sql.listed_batch_finished, &sql.set_batch_finished),
    ] {
        let listed = t.query(listed).bind(job.as_uuid()).bind(run).bind(job.as_uuid());
        let Some(row) = t.row(listed).await? else { continue };
        let mut jobs = unpack_ids(row.get(2)?);
        jobs.retain(|other| *other != job);
        let set =
            t.query(set).bind(pack_ids(&jobs)).bind(row.get::<i64>(0)?).bind(row.get::<i64>(1)?);
        t.execute(set).await?;
    }
    Ok(())
}

/// The rows are locked in their places, so that they are still there.
pub(super) async fn displace_all(t: &mut MySqlTables<'_>, places: &[Placed]) -> Result<Vec<JobId>> {
    let sql = t.sql;
    let mut displaced = Vec::with_capacity(places.len());
    for (state, leave) in [
        (State::Enqueued, &[&sql.delete_places, &sql.delete_waiting][..]),
        (State::Scheduled, &[&sql.delete_schedule]),
        (State::Failed, &[&sql.delete_failed, &sql.delete_expiry]),
        (State::Deleted, &[&sql.delete_deleted, &sql.delete_expiry]),
    ] {
        let of_state = places.iter().filter(|placed| placed.placement.state == state);
        let mut jobs: Vec<JobId> = of_state.map(|placed| placed.job).collect();
        if jobs.is_empty() {
            continue;
        }
        jobs.sort_unstable();
        let ids = ids_json(&jobs);
        for leave in leave {
            t.execute_of(leave, &ids).await?;
        }
        displaced.extend(jobs);
    }
    for state in [State::Awaiting, State::Processing, State::Succeeded] {
        let of_state = places.iter().filter(|placed| placed.placement.state == state);
        let others: Vec<Placed> = of_state.cloned().collect();
        displaced.extend(displace_one_by_one(t, &others).await?);
    }
    Ok(displaced)
}

async fn leave_lease(t: &mut MySqlTables<'_>, job: JobId, lease: i64) -> Result<bool> {
    let Some(row) = leases::lock_one(t, lease).await? else { return Ok(false) };
    let members: Vec<Member> = unpack_members(row.get(0)?);
    let Some(member) = members.into_iter().find(|member| member.job == job) else {
        return Ok(false);
    };
    let ended = super::history::attempted(t, &[(job, member.count.run)]).await?;
    if unpack_ids(row.get(1)?).contains(&job) || !ended.is_empty() {
        return Ok(false);
    }
    leases::revoke(t, lease, &[job]).await?;
    Ok(true)
}

pub(super) async fn settled(
    t: &mut MySqlTables<'_>,
    jobs: &[JobId],
) -> Result<Vec<(JobId, Option<Settled>)>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let placed: Vec<Placed> = find(t, jobs).await?.into_iter().map(|seen| seen.placed).collect();
    let with = |state: State| {
        let in_state = placed.iter().filter(|placed| placed.placement.state == state);
        in_state.map(|placed| placed.job).collect::<Vec<JobId>>()
    };
    let sql = t.sql;
    let mut ends = Vec::new();
    let succeeded = with(State::Succeeded);
    if !succeeded.is_empty() {
        for row in &t.rows_of(&sql.outputs, &ids_json(&succeeded)).await? {
            ends.push((row.get(0)?, Some(Settled::Succeeded { output: row.get(1)? })));
        }
    }
    let failed = with(State::Failed);
    if !failed.is_empty() {
        for row in &t.rows_of(&sql.failures, &ids_json(&failed)).await? {
            let failure = row.json(1, "failure")?;
            ends.push((row.get(0)?, Some(Settled::Failed { failure })));
        }
    }
    let deleted = with(State::Deleted);
    if !deleted.is_empty() {
        for row in &t.rows_of(&sql.deletions, &ids_json(&deleted)).await? {
            let failure = row.optional_json(2, "failure")?;
            let end = Settled::Deleted { reason: row.get(1)?, failure };
            ends.push((row.get(0)?, Some(end)));
        }
    }
    ends.extend(gone(t, jobs, &placed).await?.into_iter().map(|job| (job, None)));
    Ok(ends)
}

/// Those that have no place because they do not exist.
async fn gone(t: &mut MySqlTables<'_>, jobs: &[JobId], placed: &[Placed]) -> Result<Vec<JobId>> {
    let placed: HashSet<JobId> = placed.iter().map(|placed| placed.job).collect();
    let missing: Vec<JobId> = jobs.iter().filter(|job| !placed.contains(job)).copied().collect();
    if missing.is_empty() {
        return Ok(missing);
    }
    let known: Vec<JobId> = t.read_of(&t.sql.known, &ids_json(&missing)).await?;
    let known: HashSet<JobId> = known.into_iter().collect();
    Ok(missing.into_iter().filter(|job| !known.contains(job)).collect())
}

pub(super) async fn unknown_jobs(
    t: &mut MySqlTables<'_>,
    unseen: Duration,
    limit: u32,
) -> Result<Vec<Placed>> {
    let unseen = micros(unseen);
    let known = json(&known_kinds(t, unseen).await?);
    let mut placed = Vec::new();
    for sql in [&t.sql.unknown_in_line, &t.sql.unknown_waiting, &t.sql.unknown_due] {
        let query = t.query(sql).bind(known.as_str()).bind(unseen).bind(limit);
        for row in &t.rows(query).await? {
            placed.push(place(row, row.get(0)?, row.get(1)?)?);
        }
    }
    placed.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(placed)
}

/// The kinds that a server has announced within this time, or lives and knows.
async fn known_kinds(t: &mut MySqlTables<'_>, unseen: i64) -> Result<HashSet<String>> {
    let mut known = HashSet::new();
    let query = t.query(&t.sql.kinds_seen).bind(unseen);
    for row in &t.rows(query).await? {
        known.insert(row.get(0)?);
    }
    let query = t.query(&t.sql.kinds_of_live).bind(unseen);
    for row in &t.rows(query).await? {
        known.extend(row.json::<Vec<String>>(0, "list of kinds")?);
    }
    Ok(known)
}
