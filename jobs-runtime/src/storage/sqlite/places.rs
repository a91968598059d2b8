//! Where single jobs are.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use sqlx::SqlStr;
use sqlx::sqlite::SqliteRow;

use super::tables::SqliteTables;
use super::values::{before, damaged, ids_json};
use super::{leases, values};
use crate::job::{JobId, State};
use crate::storage::model::{Count, Hold, Member, Placed, Placement, Settled};
use crate::storage::packing::{pack_ids, unpack_ids, unpack_members};
use crate::storage::rows::Columns;
use crate::storage::tables::{Result, displace_one_by_one};

/// Up to so many jobs are looked for in the leases one by one; for more, all leases are read.
const FEW: usize = 4;

/// How long before its end was written a success may be listed: never, but for a clock that was
/// put back.
const LISTED_BEFORE: Duration = Duration::from_secs(1);

/// Nothing to lock: whoever writes has the lock of the whole database.
pub(super) async fn placed(
    t: &mut SqliteTables<'_>,
    jobs: &[JobId],
    _hold: Hold,
) -> Result<Vec<Placed>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let rows = t.rows_of(&t.storage.statements.placed, ids_json(jobs)).await?;
    let mut placed = Vec::with_capacity(rows.len());
    let mut elsewhere = HashMap::new();
    for row in &rows {
        let job = row.get(0)?;
        match row.get::<Option<&str>>(1)? {
            Some(state) => placed.push(place(row, job, state)?),
            None => {
                elsewhere.insert(job, row.get::<Option<i32>>(5)?);
            }
        }
    }
    leased(t, &elsewhere, &mut placed).await?;
    Ok(placed)
}

pub(super) async fn look(t: &mut SqliteTables<'_>, jobs: &[JobId]) -> Result<Vec<Placed>> {
    placed(t, jobs, Hold::Stay).await
}

/// A row of id, state, version, run and charged.
fn place(row: &SqliteRow, job: JobId, state: &str) -> Result<Placed> {
    let state = State::from_name(state).ok_or_else(|| damaged("state", state))?;
    let version = row.get(2)?;
    let count = Count { run: row.get(3)?, charged: row.get(4)? };
    Ok(Placed { job, placement: Placement { state, version }, count })
}

/// Looks for jobs, each with its latest finished run, among the members of the leases.
async fn leased(
    t: &mut SqliteTables<'_>,
    jobs: &HashMap<JobId, Option<i32>>,
    placed: &mut Vec<Placed>,
) -> Result<()> {
    let statements = &t.storage.statements;
    let mut rows = Vec::new();
    if jobs.len() > FEW {
        rows = t.rows(sqlx::query(statements.leases.clone())).await?;
    } else {
        for job in jobs.keys() {
            let sql = statements.leases_with.clone();
            rows.extend(t.rows(sqlx::query(sql).bind(job.as_uuid())).await?);
        }
    }
    let mut found = HashMap::new();
    for row in &rows {
        let lease: i64 = row.get(0)?;
        let revoked: HashSet<JobId> = unpack_ids(row.get(2)?).into_iter().collect();
        for member in unpack_members(row.get(1)?) {
            let Some(last_run) = jobs.get(&member.job) else { continue };
            let ended = last_run.is_some_and(|run| run >= member.count.run);
            if !ended && !revoked.contains(&member.job) {
                found.insert(member.job, (lease, member.count));
            }
        }
    }
    placed.extend(found.into_iter().map(|(job, (lease, count))| Placed {
        job,
        placement: Placement { state: State::Processing, version: lease },
        count,
    }));
    Ok(())
}

pub(super) async fn displace(
    t: &mut SqliteTables<'_>,
    job: JobId,
    from: Placement,
) -> Result<bool> {
    let statements = &t.storage.statements;
    let sql = match from.state {
        State::Processing => return leave_lease(t, job, from.version).await,
        State::Enqueued => &statements.leave_line,
        State::Scheduled => &statements.leave_schedule,
        State::Awaiting => &statements.leave_awaiting,
        State::Failed => &statements.leave_failed,
        State::Deleted => &statements.leave_deleted,
        State::Succeeded => &statements.supersede,
    };
    let leave = |sql: &SqlStr| sqlx::query(sql.clone()).bind(job.as_uuid()).bind(from.version);
    let mut left = t.execute(leave(sql)).await?;
    if left == 0 && from.state == State::Enqueued {
        // It may wait for a throttle instead.
        left = t.execute(leave(&statements.leave_waiting)).await?;
    }
    if left == 0 {
        return Ok(false);
    }
    let expiry = sqlx::query(statements.drop_expiry.clone()).bind(job.as_uuid());
    t.execute(expiry).await?;
    if from.state == State::Succeeded {
        leave_finished(t, job, from.version).await?;
    }
    Ok(true)
}

/// The rows were found in this very transaction, so that they are still there.
pub(super) async fn displace_all(
    t: &mut SqliteTables<'_>,
    places: &[Placed],
) -> Result<Vec<JobId>> {
    let statements = &t.storage.statements;
    let mut displaced = Vec::with_capacity(places.len());
    for (state, sql) in [
        (State::Enqueued, &statements.leave_lines),
        (State::Enqueued, &statements.delete_waiting),
        (State::Scheduled, &statements.delete_schedule),
        (State::Failed, &statements.delete_failed),
        (State::Deleted, &statements.delete_deleted),
    ] {
        let of_state = places.iter().filter(|placed| placed.placement.state == state);
        let jobs: Vec<JobId> = of_state.map(|placed| placed.job).collect();
        if jobs.is_empty() {
            continue;
        }
        let ids = ids_json(&jobs);
        t.execute(sqlx::query(sql.clone()).bind(ids.as_str())).await?;
        t.execute(sqlx::query(statements.delete_expiry.clone()).bind(ids)).await?;
        displaced.extend(jobs);
    }
    // Those in the line were looked for in two places.
    displaced.sort_unstable();
    displaced.dedup();
    let others = |placed: &&Placed| {
        let state = placed.placement.state;
        matches!(state, State::Awaiting | State::Processing | State::Succeeded)
    };
    let others: Vec<Placed> = places.iter().filter(others).cloned().collect();
    displaced.extend(displace_one_by_one(t, &others).await?);
    Ok(displaced)
}

/// Takes a job out of the list of those that have succeeded.
async fn leave_finished(t: &mut SqliteTables<'_>, job: JobId, run: i64) -> Result<()> {
    let statements = &t.storage.statements;
    for (listed, set) in [
        (&statements.listed_finished, &statements.set_finished),
        (&statements.listed_batch_finished, &statements.set_batch_finished),
    ] {
        let listed = sqlx::query(listed.clone())
            .bind(job.as_uuid())
            .bind(run)
            .bind(values::micros(LISTED_BEFORE));
        let Some(row) = t.row(listed).await? else { continue };
        let mut jobs = unpack_ids(row.get(2)?);
        jobs.retain(|other| *other != job);
        let set = sqlx::query(set.clone())
            .bind(row.get::<i64>(0)?)
            .bind(row.get::<i64>(1)?)
            .bind(pack_ids(&jobs));
        t.execute(set).await?;
    }
    Ok(())
}

async fn leave_lease(t: &mut SqliteTables<'_>, job: JobId, lease: i64) -> Result<bool> {
    let Some(row) = leases::one(t, lease).await? else { return Ok(false) };
    let members: Vec<Member> = unpack_members(row.get(0)?);
    let Some(member) = members.into_iter().find(|member| member.job == job) else {
        return Ok(false);
    };
    if unpack_ids(row.get(1)?).contains(&job) {
        return Ok(false);
    }
    let attempted = sqlx::query(t.storage.statements.was_attempted.clone())
        .bind(job.as_uuid())
        .bind(member.count.run);
    if t.row(attempted).await?.is_some() {
        return Ok(false);
    }
    leases::revoke(t, lease, &[job]).await?;
    Ok(true)
}

pub(super) async fn settled(
    t: &mut SqliteTables<'_>,
    jobs: &[JobId],
) -> Result<Vec<(JobId, Option<Settled>)>> {
    let placed = placed(t, jobs, Hold::Stay).await?;
    let with = |state: State| placed.iter().filter(move |placed| placed.placement.state == state);
    let ids_with = |state| with(state).map(|placed| placed.job).collect::<Vec<JobId>>();
    let (succeeded, failed, deleted) =
        (ids_with(State::Succeeded), ids_with(State::Failed), ids_with(State::Deleted));

    let statements = &t.storage.statements;
    let mut ends = Vec::new();
    if !succeeded.is_empty() {
        for row in &t.rows_of(&statements.outputs, ids_json(&succeeded)).await? {
            ends.push((row.get(0)?, Some(Settled::Succeeded { output: row.get(1)? })));
        }
    }
    if !failed.is_empty() {
        for row in &t.rows_of(&statements.failures, ids_json(&failed)).await? {
            let failure = row.json(1, "failure")?;
            ends.push((row.get(0)?, Some(Settled::Failed { failure })));
        }
    }
    if !deleted.is_empty() {
        for row in &t.rows_of(&statements.deletions, ids_json(&deleted)).await? {
            let failure = row.optional_json(2, "failure")?;
            let end = Settled::Deleted { reason: row.get(1)?, failure };
            ends.push((row.get(0)?, Some(end)));
        }
    }
    ends.extend(gone(t, jobs, &placed).await?.into_iter().map(|job| (job, None)));
    Ok(ends)
}

/// Those that have no place because they do not exist.
async fn gone(t: &mut SqliteTables<'_>, jobs: &[JobId], placed: &[Placed]) -> Result<Vec<JobId>> {
    let placed: HashSet<JobId> = placed.iter().map(|placed| placed.job).collect();
    let missing: Vec<JobId> = jobs.iter().filter(|job| !placed.contains(job)).copied().collect();
    if missing.is_empty() {
        return Ok(missing);
    }
    let known: Vec<JobId> = t.read_of(&t.storage.statements.known, ids_json(&missing)).await?;
    let known: HashSet<JobId> = known.into_iter().collect();
    Ok(missing.into_iter().filter(|job| !known.contains(job)).collect())
}

pub(super) async fn unknown_jobs(
    t: &mut SqliteTables<'_>,
    unseen: Duration,
    limit: u32,
) -> Result<Vec<Placed>> {
    let now = t.clock();
    let query = sqlx::query(t.storage.statements.unknown_jobs.clone())
        .bind(now)
        .bind(before(now, unseen))
        .bind(limit);
    let rows = t.rows(query).await?;
    rows.iter().map(|row| place(row, row.get(0)?, row.get(1)?)).collect()
}
