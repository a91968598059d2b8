//! Where single jobs are, and taking them from there.

use std::time::Duration;

use sqlx::postgres::PgRow;
use sqlx::{Row, SqlStr};
use uuid::Uuid;

use super::tables::PostgresTables;
use super::values::{ascending, job_id, known, micros};
use crate::error::damaged;
use crate::job::{JobId, State};
use crate::storage::model::{Count, Hold, Placed, Placement, Settled};
use crate::storage::packing::unpack_one;
use crate::storage::rows::Columns;
use crate::storage::tables::{Result, displace_one_by_one};

/// How often a job may be moved by others between looking and locking before something must be
/// wrong with it.
const LOOKS: usize = 20;

pub(super) async fn placed(
    t: &mut PostgresTables<'_>,
    jobs: &[JobId],
    hold: Hold,
) -> Result<Vec<Placed>> {
    let ids = ascending(jobs);
    let mut seen = places_of(t, &ids).await?;
    if seen.is_empty() {
        return Ok(seen);
    }
    for _ in 0..LOOKS {
        lock_places(t, &seen, hold).await?;
        // A new snapshot: what has not moved meanwhile is locked now.
        let now = places_of(t, &ids).await?;
        let same = |(a, b): (&Placed, &Placed)| a.job == b.job && a.placement == b.placement;
        if now.len() == seen.len() && now.iter().zip(&seen).all(same) {
            return Ok(now);
        }
        seen = now;
    }
    let value = format!("moved on {LOOKS} times while it was to be locked");
    Err(damaged("place of a job", value))
}

pub(super) async fn look(t: &mut PostgresTables<'_>, jobs: &[JobId]) -> Result<Vec<Placed>> {
    places_of(t, &ascending(jobs)).await
}

/// In ascending order of the ids.
async fn places_of(t: &mut PostgresTables<'_>, ids: &[Uuid]) -> Result<Vec<Placed>> {
    let query = t.query(&t.sql.placed).bind(ids);
    let rows = t.look_up_rows(query).await?;
    let mut placed = rows.iter().map(placed_of).collect::<Result<Vec<_>>>()?;
    placed.sort_unstable_by_key(|placed| placed.job);
    Ok(placed)
}

fn placed_of(row: &PgRow) -> Result<Placed> {
    let state: &str = row.try_get(1)?;
    let state = known("state", State::from_name(state), state)?;
    let count = match row.try_get::<Option<&[u8]>, _>(5)? {
        Some(member) => unpack_one(member).map(|member| member.count),
        None => Some(Count { run: row.try_get(3)?, charged: row.try_get(4)? }),
    };
    Ok(Placed {
        job: job_id(row, 0)?,
        placement: Placement { state, version: row.try_get(2)? },
        count: known("member of a lease", count, "cut short")?,
    })
}

/// Locks the rows that place these jobs, table by table and ascending in each, so that two
/// transactions that want the same ones do not wait for each other. Leases come first, as with
/// those who write the ends of runs.
async fn lock_places(t: &mut PostgresTables<'_>, placed: &[Placed], hold: Hold) -> Result<()> {
    let sql = t.sql;
    // Only leases place several jobs in one row, and so are shared by those who want them to stay.
    let lock_lease = match hold {
        Hold::Stay => &sql.share_processing,
        Hold::Move => &sql.lock_processing,
    };
    let leases: Vec<i64> =
        in_state(placed, State::Processing).map(|row| row.placement.version).collect();
    if !leases.is_empty() {
        t.query(lock_lease).bind(leases).execute(&mut *t.conn).await?;
    }
    let by_job: [(State, &SqlStr); 7] = [
        (State::Succeeded, &sql.lock_succeeded),
        (State::Enqueued, &sql.lock_enqueued),
        (State::Enqueued, &sql.lock_waiting),
        (State::Scheduled, &sql.lock_scheduled),
        (State::Awaiting, &sql.lock_awaiting),
        (State::Failed, &sql.lock_failed),
        (State::Deleted, &sql.lock_deleted),
    ];
    for (state, statement) in by_job {
        let ids: Vec<Uuid> = in_state(placed, state).map(|row| row.job.as_uuid()).collect();
        if !ids.is_empty() {
            t.query(statement).bind(ids).execute(&mut *t.conn).await?;
        }
    }
    Ok(())
}

fn in_state(placed: &[Placed], state: State) -> impl Iterator<Item = &Placed> {
    placed.iter().filter(move |placed| placed.placement.state == state)
}

pub(super) async fn displace(
    t: &mut PostgresTables<'_>,
    job: JobId,
    from: Placement,
) -> Result<bool> {
    let statement = match from.state {
        State::Enqueued => &t.sql.displace_enqueued,
        State::Scheduled => &t.sql.displace_scheduled,
        State::Awaiting => &t.sql.displace_awaiting,
        State::Processing => &t.sql.displace_processing,
        State::Succeeded => &t.sql.displace_succeeded,
        State::Failed => &t.sql.displace_failed,
        State::Deleted => &t.sql.displace_deleted,
    };
    let query = t.query(statement).bind(Uuid::from(job)).bind(from.version);
    let mut displaced = query.execute(&mut *t.conn).await?.rows_affected() > 0;
    if !displaced && from.state == State::Enqueued {
        // It may wait for a throttle instead.
        let query = t.query(&t.sql.displace_waiting).bind(Uuid::from(job)).bind(from.version);
        displaced = query.execute(&mut *t.conn).await?.rows_affected() > 0;
    }
    if displaced && from.state.is_settled() {
        let query = t.query(&t.sql.forget_expiry).bind(Uuid::from(job));
        query.execute(&mut *t.conn).await?;
    }
    if displaced && from.state == State::Succeeded {
        for statement in [&t.sql.leave_finished, &t.sql.leave_batch_finished] {
            let query = t.query(statement).bind(Uuid::from(job)).bind(from.version);
            query.execute(&mut *t.conn).await?;
        }
    }
    Ok(displaced)
}

/// The rows are locked in their places, so that they are still there.
pub(super) async fn displace_all(
    t: &mut PostgresTables<'_>,
    places: &[Placed],
) -> Result<Vec<JobId>> {
    let mut displaced = Vec::with_capacity(places.len());
    for (state, statement) in [
        (State::Enqueued, &t.sql.displace_all_enqueued),
        (State::Scheduled, &t.sql.displace_all_scheduled),
        (State::Failed, &t.sql.displace_all_failed),
        (State::Deleted, &t.sql.displace_all_deleted),
    ] {
        let jobs: Vec<JobId> = in_state(places, state).map(|placed| placed.job).collect();
        if jobs.is_empty() {
            continue;
        }
        let ids = ascending(&jobs);
        t.query(statement).bind(&ids).execute(&mut *t.conn).await?;
        if state.is_settled() {
            t.query(&t.sql.forget_expiries).bind(ids).execute(&mut *t.conn).await?;
        }
        displaced.extend(jobs);
    }
    for state in [State::Awaiting, State::Processing, State::Succeeded] {
        let others: Vec<Placed> = in_state(places, state).cloned().collect();
        displaced.extend(displace_one_by_one(t, &others).await?);
    }
    Ok(displaced)
}

pub(super) async fn settled(
    t: &mut PostgresTables<'_>,
    jobs: &[JobId],
) -> Result<Vec<(JobId, Option<Settled>)>> {
    let query = t.query(&t.sql.settled).bind(ascending(jobs));
    let rows = t.look_up_rows(query).await?;
    rows.iter().map(|row| Ok((job_id(row, 0)?, settled_of(row)?))).collect()
}

fn settled_of(row: &PgRow) -> Result<Option<Settled>> {
    let told = row.optional_json(3, "failure")?;
    Ok(Some(match row.try_get(1)? {
        "gone" => return Ok(None),
        "deleted" => Settled::Deleted { reason: row.try_get(2)?, failure: told },
        "failed" => Settled::Failed { failure: known("failure", told, "missing")? },
        _ => Settled::Succeeded { output: row.try_get(4)? },
    }))
}

pub(super) async fn unknown_jobs(
    t: &mut PostgresTables<'_>,
    unseen: Duration,
    limit: u32,
) -> Result<Vec<Placed>> {
    let query = t.query(&t.sql.unknown_jobs).bind(micros(unseen)).bind(i64::from(limit));
    let rows = query.fetch_all(&mut *t.conn).await?;
    let mut placed = Vec::with_capacity(rows.len());
    for row in &rows {
        let state: &str = row.try_get(1)?;
        let state = known("state", State::from_name(state), state)?;
        let placement = Placement { state, version: row.try_get(2)? };
        let count = Count { run: row.try_get(3)?, charged: row.try_get(4)? };
        placed.push(Placed { job: job_id(row, 0)?, placement, count });
    }
    Ok(placed)
}
