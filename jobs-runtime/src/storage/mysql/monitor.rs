//! Looking at the stored jobs.

use std::collections::HashMap;

use sqlx::mysql::MySqlRow;

use super::tables::MySqlTables;
use super::values::{
    damaged, duration, get, get_id, get_instant, get_json, get_optional_instant, ids_json, json,
};
use super::{history, places};
use crate::job::{JobFailure, JobId, State};
use crate::storage::model::{AttemptEnd, Placement};
use crate::storage::monitor::{
    Counts, EventRecord, Holder, JobRecord, LastRun, LogLine, QueueRecord, RunRecord, StepRecord,
};
use crate::storage::packing::{unpack_ids, unpack_members};
use crate::storage::tables::Result;

pub(super) async fn records(t: &mut MySqlTables<'_>, jobs: &[JobId]) -> Result<Vec<JobRecord>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let placed = places::look(t, jobs).await?;
    let placements: HashMap<JobId, Placement> =
        placed.into_iter().map(|placed| (placed.job, placed.placement)).collect();
    let ids = ids_json(jobs);
    let mut tags: HashMap<JobId, Vec<String>> = HashMap::new();
    for row in &t.rows_of(&t.sql.tags_of, &ids).await? {
        tags.entry(get_id(row, 0)?).or_default().push(get(row, 1)?);
    }
    let mut records = Vec::with_capacity(placements.len());
    for row in &t.rows_of(&t.sql.records, &ids).await? {
        let job = get_id(row, 0)?;
        if let Some(placement) = placements.get(&job) {
            records.push(record_of(row, *placement, tags.remove(&job).unwrap_or_default())?);
        }
    }
    Ok(records)
}

fn record_of(row: &MySqlRow, placement: Placement, tags: Vec<String>) -> Result<JobRecord> {
    let (done, total): (Option<i64>, Option<i64>) = (get(row, 10)?, get(row, 11)?);
    let (finished_at, failure) = match placement.state {
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
        finished_at,
        failure: failure.map(failure_of).transpose()?,
        tags,
        progress: done.zip(total),
    })
}

fn failure_of(json: &str) -> Result<JobFailure> {
    serde_json::from_str(json).map_err(|_| damaged("failure", json))
}

pub(super) async fn runs(t: &mut MySqlTables<'_>, job: JobId) -> Result<Vec<RunRecord>> {
    let query = t.query(&t.sql.runs).bind(job.as_uuid());
    t.rows(query).await?.iter().map(run).collect()
}

fn run(row: &MySqlRow) -> Result<RunRecord> {
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

pub(super) async fn events(t: &mut MySqlTables<'_>, job: JobId) -> Result<Vec<EventRecord>> {
    let query = t.query(&t.sql.events).bind(job.as_uuid());
    let rows = t.rows(query).await?;
    let state = |row: &MySqlRow, index| {
        let name: String = get(row, index)?;
        State::from_name(&name).ok_or_else(|| damaged("state", name))
    };
    let event = |row: &MySqlRow| {
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
    t: &mut MySqlTables<'_>,
    job: JobId,
    after: i64,
    limit: u32,
) -> Result<Vec<LogLine>> {
    let query = t.query(&t.sql.log_lines).bind(job.as_uuid()).bind(after).bind(limit);
    let rows = t.rows(query).await?;
    let line = |row: &MySqlRow| {
        let (at, run) = (get_instant(row, 0)?, get(row, 1)?);
        Ok(LogLine { at, run, text: get(row, 2)?, key: get(row, 3)? })
    };
    rows.iter().map(line).collect()
}

pub(super) async fn counts(t: &mut MySqlTables<'_>, enqueued: Option<u64>) -> Result<Counts> {
    let processing = processing(t).await?;
    let query = t.query(&t.sql.counts).bind(enqueued.map(u64::cast_signed));
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

async fn processing(t: &mut MySqlTables<'_>) -> Result<u64> {
    let rows = t.rows(t.query(&t.sql.leases)).await?;
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

pub(super) async fn recent(t: &mut MySqlTables<'_>, limit: u32) -> Result<Vec<JobId>> {
    let candidates = i64::from(limit) * 4 + 100;
    let query = t.query(&t.sql.recent).bind(candidates).bind(limit);
    t.rows(query).await?.iter().map(|row| get_id(row, 0)).collect()
}

pub(super) async fn queues(t: &mut MySqlTables<'_>) -> Result<Vec<QueueRecord>> {
    let rows = t.rows(t.query(&t.sql.queues)).await?;
    let count = |row: &MySqlRow, index| get::<_, i64>(row, index).map(i64::cast_unsigned);
    let queue = |row: &MySqlRow| {
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

pub(super) async fn last_runs(t: &mut MySqlTables<'_>, jobs: &[JobId]) -> Result<Vec<LastRun>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let rows = t.rows_of(&t.sql.last_runs, &ids_json(jobs)).await?;
    let run = |row: &MySqlRow| {
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
    t: &mut MySqlTables<'_>,
    queue: &str,
    limit: u32,
) -> Result<Vec<(String, i64)>> {
    let queue = queue.to_owned();
    let query = t.query(&t.sql.kinds_in_line).bind(queue.clone()).bind(limit);
    let rows = t.rows(query.bind(queue).bind(limit)).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
}

pub(super) async fn names_of(
    t: &mut MySqlTables<'_>,
    jobs: &[JobId],
) -> Result<Vec<(JobId, String, String)>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let rows = t.rows_of(&t.sql.names_of, &ids_json(jobs)).await?;
    rows.iter().map(|row| Ok((get_id(row, 0)?, get(row, 1)?, get(row, 2)?))).collect()
}

pub(super) async fn last_failures(
    t: &mut MySqlTables<'_>,
    jobs: &[JobId],
) -> Result<Vec<(JobId, JobFailure)>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let rows = t.rows_of(&t.sql.last_failures, &ids_json(jobs)).await?;
    rows.iter().map(|row| Ok((get_id(row, 0)?, get_json(row, 1, "failure")?))).collect()
}

pub(super) async fn steps(t: &mut MySqlTables<'_>, job: JobId) -> Result<Vec<StepRecord>> {
    let query = t.query(&t.sql.steps).bind(job.as_uuid());
    let step = |row: &MySqlRow| {
        Ok(StepRecord { name: get(row, 0)?, at: get_instant(row, 1)?, output: get(row, 2)? })
    };
    t.rows(query).await?.iter().map(step).collect()
}

pub(super) async fn unique_key(t: &mut MySqlTables<'_>, job: JobId) -> Result<Option<String>> {
    let query = t.query(&t.sql.unique_key).bind(job.as_uuid());
    t.row(query).await?.map(|row| get(&row, 0)).transpose()
}

pub(super) async fn holders(t: &mut MySqlTables<'_>, leases: &[i64]) -> Result<Vec<(i64, Holder)>> {
    let rows = t.rows_of(&t.sql.holders, &json(leases)).await?;
    let holder = |row: &MySqlRow| {
        Ok((get(row, 0)?, Holder { server: get(row, 1)?, since: get_instant(row, 2)? }))
    };
    rows.iter().map(holder).collect()
}
