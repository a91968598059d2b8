//! What a person wants to see.

use std::collections::HashMap;

use sqlx::sqlite::SqliteRow;

use super::tables::SqliteTables;
use super::values::{
    damaged, duration, get, get_id, get_instant, get_json, get_optional_instant, ids_json, json,
};
use super::{history, places};
use crate::job::{JobFailure, JobId, State};
use crate::storage::model::{AttemptEnd, Hold, Placement};
use crate::storage::monitor::{
    Counts, EventRecord, Holder, JobRecord, LastRun, LogLine, QueueRecord, RunRecord, StepRecord,
};
use crate::storage::packing::{unpack_ids, unpack_members};
use crate::storage::tables::Result;

pub(super) async fn records(t: &mut SqliteTables<'_>, jobs: &[JobId]) -> Result<Vec<JobRecord>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let placed = places::placed(t, jobs, Hold::Stay).await?;
    let placements: HashMap<JobId, Placement> =
        placed.into_iter().map(|placed| (placed.job, placed.placement)).collect();
    let rows = t.rows_of(&t.storage.statements.records, ids_json(jobs)).await?;
    let record = |row: &SqliteRow| {
        let placement = placements.get(&get_id(row, 0).ok()?)?;
        Some(record_of(row, *placement))
    };
    rows.iter().filter_map(record).collect()
}

fn record_of(row: &SqliteRow, placement: Placement) -> Result<JobRecord> {
    let (done, total): (Option<i64>, Option<i64>) = (get(row, 10)?, get(row, 11)?);
    let (at, failure) = match placement.state {
        State::Failed => (get_optional_instant(row, 12)?, get(row, 15)?),
        State::Deleted => (get_optional_instant(row, 13)?, get(row, 16)?),
        State::Succeeded => (get_optional_instant(row, 14)?, None),
        _ => (None, None),
    };
    Ok(JobRecord {
        id: get_id(row, 0)?,
        kind: get(row, 1)?,
        queue: get(row, 2)?,
        priority: get(row, 3)?,
        args: get(row, 4)?,
        options: get(row, 5)?,
        input: get(row, 6)?,
        created_at: get_instant(row, 7)?,
        placement,
        due_at: get_optional_instant(row, 8)?.filter(|_| placement.state == State::Scheduled),
        reason: get::<_, Option<String>>(row, 9)?.filter(|_| placement.state == State::Deleted),
        finished_at: at,
        failure: failure.map(failure_of).transpose()?,
        tags: get_json(row, 17, "list of tags")?,
        progress: done.zip(total),
    })
}

fn failure_of(json: &str) -> Result<JobFailure> {
    serde_json::from_str(json).map_err(|_| damaged("failure", json))
}

pub(super) async fn runs(t: &mut SqliteTables<'_>, job: JobId) -> Result<Vec<RunRecord>> {
    let sql = t.storage.statements.runs.clone();
    let rows = t.rows(sqlx::query(sql).bind(job.as_uuid())).await?;
    rows.iter().map(run).collect()
}

fn run(row: &SqliteRow) -> Result<RunRecord> {
    let code = get(row, 1)?;
    let end = AttemptEnd::from_code(code).ok_or_else(|| damaged("end of a run", code))?;
    let failure = match get::<_, Option<&str>>(row, 6)? {
        Some(_) => Some(get_json(row, 6, "failure")?),
        None => None,
    };
    let (started_at, ended_at): (i64, i64) = (get(row, 3)?, get(row, 4)?);
    Ok(RunRecord {
        run: get(row, 0)?,
        end: end.into(),
        server: get(row, 2)?,
        started_at: get_instant(row, 3)?,
        took: duration(ended_at.saturating_sub(started_at)),
        output: get(row, 5)?,
        failure,
    })
}

pub(super) async fn events(t: &mut SqliteTables<'_>, job: JobId) -> Result<Vec<EventRecord>> {
    let sql = t.storage.statements.events.clone();
    let rows = t.rows(sqlx::query(sql).bind(job.as_uuid())).await?;
    let state = |row: &SqliteRow, index| {
        let name: &str = get(row, index)?;
        State::from_name(name).ok_or_else(|| damaged("state", name))
    };
    let event = |row: &SqliteRow| {
        Ok(EventRecord {
            at: get_instant(row, 0)?,
            from: state(row, 1)?,
            to: state(row, 2)?,
            reason: get(row, 3)?,
            server: get(row, 4)?,
        })
    };
    rows.iter().map(event).collect()
}

pub(super) async fn log_lines(
    t: &mut SqliteTables<'_>,
    job: JobId,
    after: i64,
    limit: u32,
) -> Result<Vec<LogLine>> {
    let sql = t.storage.statements.log_lines.clone();
    let rows = t.rows(sqlx::query(sql).bind(job.as_uuid()).bind(after).bind(limit)).await?;
    let line = |row: &SqliteRow| {
        let (at, run) = (get_instant(row, 0)?, get(row, 1)?);
        Ok(LogLine { at, run, text: get(row, 2)?, key: get(row, 3)? })
    };
    rows.iter().map(line).collect()
}

pub(super) async fn counts(t: &mut SqliteTables<'_>, enqueued: Option<u64>) -> Result<Counts> {
    let processing = processing(t).await?;
    let sql = t.storage.statements.counts.clone();
    let query = sqlx::query(sql).bind(enqueued.map(u64::cast_signed));
    let row = t.row(query).await?.ok_or_else(|| damaged("counts", "none"))?;
    let count = |index| get::<_, i64>(&row, index).map(i64::cast_unsigned);
    Ok(Counts {
        enqueued: count(0)?,
        scheduled: count(1)?,
        awaiting: count(2)?,
        processing,
        succeeded: count(3)?,
        failed: count(4)?,
        deleted: count(5)?,
        retries: count(6)?,
    })
}

async fn processing(t: &mut SqliteTables<'_>) -> Result<u64> {
    let rows = t.rows(sqlx::query(t.storage.statements.leases.clone())).await?;
    let mut runs = Vec::new();
    for row in &rows {
        let revoked = unpack_ids(get(row, 2)?);
        let members = unpack_members(get(row, 1)?).into_iter();
        let held = members.filter(|member| !revoked.contains(&member.job));
        runs.extend(held.map(|member| (member.job, member.count.run)));
    }
    let ended = history::attempted(t, &runs).await?.len();
    Ok(runs.len().saturating_sub(ended) as u64)
}

pub(super) async fn recent(t: &mut SqliteTables<'_>, limit: u32) -> Result<Vec<JobId>> {
    let sql = t.storage.statements.recent.clone();
    let rows = t.rows(sqlx::query(sql).bind(limit)).await?;
    rows.iter().map(|row| get_id(row, 0)).collect()
}

pub(super) async fn queues(t: &mut SqliteTables<'_>) -> Result<Vec<QueueRecord>> {
    let rows = t.rows(sqlx::query(t.storage.statements.queues.clone())).await?;
    let count = |row: &SqliteRow, index| get::<_, i64>(row, index).map(i64::cast_unsigned);
    let queue = |row: &SqliteRow| {
        Ok(QueueRecord {
            name: get(row, 0)?,
            waiting: count(row, 1)?,
            throttled: count(row, 2)?,
            paused: get(row, 3)?,
            oldest: get_optional_instant(row, 4)?,
        })
    };
    rows.iter().map(queue).collect()
}

pub(super) async fn last_runs(t: &mut SqliteTables<'_>, jobs: &[JobId]) -> Result<Vec<LastRun>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let rows = t.rows_of(&t.storage.statements.last_runs, ids_json(jobs)).await?;
    let run = |row: &SqliteRow| {
        let (started, ended): (i64, i64) = (get(row, 3)?, get(row, 4)?);
        Ok(LastRun {
            job: get_id(row, 0)?,
            kind: get(row, 1)?,
            created_at: get_instant(row, 2)?,
            started_at: get_instant(row, 3)?,
            took: duration(ended.saturating_sub(started)),
            server: get(row, 5)?,
            run: get(row, 6)?,
            due_at: get_optional_instant(row, 7)?,
        })
    };
    rows.iter().map(run).collect()
}

pub(super) async fn kinds_in_line(
    t: &mut SqliteTables<'_>,
    queue: &str,
    limit: u32,
) -> Result<Vec<(String, i64)>> {
    let sql = t.storage.statements.kinds_in_line.clone();
    let rows = t.rows(sqlx::query(sql).bind(queue).bind(limit)).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
}

pub(super) async fn names_of(
    t: &mut SqliteTables<'_>,
    jobs: &[JobId],
) -> Result<Vec<(JobId, String, String)>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let rows = t.rows_of(&t.storage.statements.names_of, ids_json(jobs)).await?;
    rows.iter().map(|row| Ok((get_id(row, 0)?, get(row, 1)?, get(row, 2)?))).collect()
}

pub(super) async fn last_failures(
    t: &mut SqliteTables<'_>,
    jobs: &[JobId],
) -> Result<Vec<(JobId, JobFailure)>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let rows = t.rows_of(&t.storage.statements.last_failures, ids_json(jobs)).await?;
    rows.iter().map(|row| Ok((get_id(row, 0)?, get_json(row, 1, "failure")?))).collect()
}

pub(super) async fn steps(t: &mut SqliteTables<'_>, job: JobId) -> Result<Vec<StepRecord>> {
    let sql = t.storage.statements.steps.clone();
    let rows = t.rows(sqlx::query(sql).bind(job.as_uuid())).await?;
    let step = |row: &SqliteRow| {
        Ok(StepRecord { name: get(row, 0)?, at: get_instant(row, 1)?, output: get(row, 2)? })
    };
    rows.iter().map(step).collect()
}

pub(super) async fn unique_key(t: &mut SqliteTables<'_>, job: JobId) -> Result<Option<String>> {
    let sql = t.storage.statements.unique_key.clone();
    let row = t.row(sqlx::query(sql).bind(job.as_uuid())).await?;
    row.map(|row| get(&row, 0)).transpose()
}

pub(super) async fn holders(
    t: &mut SqliteTables<'_>,
    leases: &[i64],
) -> Result<Vec<(i64, Holder)>> {
    let rows = t.rows_of(&t.storage.statements.holders, json(leases)).await?;
    let holder = |row: &SqliteRow| {
        Ok((get(row, 0)?, Holder { server: get(row, 1)?, since: get_instant(row, 2)? }))
    };
    rows.iter().map(holder).collect()
}
