//! Looking at the stored jobs.

use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::tables::PostgresTables;
use super::values::{duration, failure, job_id, job_ids, known, uuids};
use crate::job::{JobFailure, JobId, State};
use crate::storage::model::{AttemptEnd, Placement};
use crate::storage::monitor::{
    Counts, EventRecord, Holder, JobRecord, LastRun, LogLine, QueueRecord, RunRecord, StepRecord,
};
use crate::storage::tables::Result;

pub(super) async fn records(t: &mut PostgresTables<'_>, jobs: &[JobId]) -> Result<Vec<JobRecord>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let query = t.query(&t.sql.records).bind(uuids(jobs));
    t.look_up_rows(query).await?.iter().map(record_of).collect()
}

fn record_of(row: &PgRow) -> Result<JobRecord> {
    let done: Option<i64> = row.try_get(12)?;
    let total: Option<i64> = row.try_get(13)?;
    Ok(JobRecord {
        id: job_id(row, 0)?,
        kind: row.try_get(1)?,
        queue: row.try_get(2)?,
        priority: row.try_get(3)?,
        args: row.try_get(4)?,
        options: row.try_get(5)?,
        input: row.try_get(6)?,
        created_at: row.try_get(7)?,
        placement: Placement { state: state(row, 8)?, version: row.try_get(9)? },
        due_at: row.try_get(10)?,
        reason: row.try_get(11)?,
        finished_at: row.try_get(14)?,
        failure: row.try_get::<Option<&str>, _>(15)?.map(failure).transpose()?,
        tags: row.try_get(16)?,
        progress: done.zip(total),
    })
}

fn state(row: &PgRow, column: usize) -> Result<State> {
    let name: &str = row.try_get(column)?;
    known("state", State::from_name(name), name)
}

pub(super) async fn runs(t: &mut PostgresTables<'_>, job: JobId) -> Result<Vec<RunRecord>> {
    let rows = t.query(&t.sql.runs).bind(Uuid::from(job)).fetch_all(&mut *t.conn).await?;
    rows.iter()
        .map(|row| {
            let code: i16 = row.try_get(1)?;
            Ok(RunRecord {
                run: row.try_get(0)?,
                end: known("end of a run", AttemptEnd::from_code(code), code)?.into(),
                server: row.try_get(2)?,
                started_at: row.try_get(3)?,
                took: duration(row.try_get(4)?),
                output: row.try_get(5)?,
                failure: row.try_get::<Option<&str>, _>(6)?.map(failure).transpose()?,
            })
        })
        .collect()
}

pub(super) async fn events(t: &mut PostgresTables<'_>, job: JobId) -> Result<Vec<EventRecord>> {
    let rows = t.query(&t.sql.events).bind(Uuid::from(job)).fetch_all(&mut *t.conn).await?;
    rows.iter()
        .map(|row| {
            Ok(EventRecord {
                at: row.try_get(0)?,
                from: state(row, 1)?,
                to: state(row, 2)?,
                reason: row.try_get(3)?,
                server: row.try_get(4)?,
            })
        })
        .collect()
}

pub(super) async fn log_lines(
    t: &mut PostgresTables<'_>,
    job: JobId,
    after: i64,
    limit: u32,
) -> Result<Vec<LogLine>> {
    let query = t.query(&t.sql.log_lines).bind(Uuid::from(job)).bind(after).bind(i64::from(limit));
    let rows = query.fetch_all(&mut *t.conn).await?;
    let line = |row: &PgRow| {
        let (at, run) = (row.try_get(0)?, row.try_get(1)?);
        Ok(LogLine { at, run, text: row.try_get(2)?, key: row.try_get(3)? })
    };
    rows.iter().map(line).collect()
}

pub(super) async fn counts(t: &mut PostgresTables<'_>, enqueued: Option<u64>) -> Result<Counts> {
    let query = t.query(&t.sql.counts).bind(enqueued.map(u64::cast_signed));
    let rows = t.look_up_rows(query).await?;
    let row = known("number of jobs", rows.first(), "missing")?;
    let count = |column: usize| -> Result<u64> {
        Ok(u64::try_from(row.try_get::<i64, _>(column)?).unwrap_or(0))
    };
    Ok(Counts {
        enqueued: count(0)?,
        scheduled: count(1)?,
        awaiting: count(2)?,
        processing: count(3)?,
        succeeded: count(4)?,
        failed: count(5)?,
        deleted: count(6)?,
        retries: count(7)?,
    })
}

pub(super) async fn recent(t: &mut PostgresTables<'_>, limit: u32) -> Result<Vec<JobId>> {
    let query = t.query(&t.sql.recent).bind(i64::from(limit));
    job_ids(&query.fetch_all(&mut *t.conn).await?)
}

pub(super) async fn queues(t: &mut PostgresTables<'_>) -> Result<Vec<QueueRecord>> {
    let query = t.query(&t.sql.queues);
    let rows = t.look_up_rows(query).await?;
    let count = |row: &PgRow, column: usize| -> Result<u64> {
        Ok(u64::try_from(row.try_get::<i64, _>(column)?).unwrap_or(0))
    };
    rows.iter()
        .map(|row| {
            Ok(QueueRecord {
                name: row.try_get(0)?,
                waiting: count(row, 1)?,
                throttled: count(row, 2)?,
                paused: row.try_get(3)?,
                oldest: row.try_get(4)?,
            })
        })
        .collect()
}

pub(super) async fn last_runs(t: &mut PostgresTables<'_>, jobs: &[JobId]) -> Result<Vec<LastRun>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let query = t.query(&t.sql.last_runs).bind(uuids(jobs));
    let run = |row: &PgRow| {
        Ok(LastRun {
            job: job_id(row, 0)?,
            kind: row.try_get(1)?,
            created_at: row.try_get(2)?,
            started_at: row.try_get(3)?,
            took: duration(row.try_get(4)?),
            server: row.try_get(5)?,
            run: row.try_get(6)?,
            due_at: row.try_get(7)?,
        })
    };
    t.look_up_rows(query).await?.iter().map(run).collect()
}

pub(super) async fn kinds_in_line(
    t: &mut PostgresTables<'_>,
    queue: &str,
    limit: u32,
) -> Result<Vec<(String, i64)>> {
    let query = t.query(&t.sql.kinds_in_line).bind(queue.to_owned()).bind(i64::from(limit));
    let rows = t.look_up_rows(query).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

pub(super) async fn names_of(
    t: &mut PostgresTables<'_>,
    jobs: &[JobId],
) -> Result<Vec<(JobId, String, String)>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let query = t.query(&t.sql.names_of).bind(uuids(jobs));
    let rows = t.look_up_rows(query).await?;
    rows.iter().map(|row| Ok((job_id(row, 0)?, row.try_get(1)?, row.try_get(2)?))).collect()
}

pub(super) async fn last_failures(
    t: &mut PostgresTables<'_>,
    jobs: &[JobId],
) -> Result<Vec<(JobId, JobFailure)>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let query = t.query(&t.sql.last_failures).bind(uuids(jobs));
    let rows = t.look_up_rows(query).await?;
    rows.iter().map(|row| Ok((job_id(row, 0)?, failure(row.try_get(1)?)?))).collect()
}

pub(super) async fn steps(t: &mut PostgresTables<'_>, job: JobId) -> Result<Vec<StepRecord>> {
    let rows = t.query(&t.sql.steps).bind(Uuid::from(job)).fetch_all(&mut *t.conn).await?;
    let step = |row: &PgRow| {
        Ok(StepRecord { name: row.try_get(0)?, at: row.try_get(1)?, output: row.try_get(2)? })
    };
    rows.iter().map(step).collect()
}

pub(super) async fn unique_key(t: &mut PostgresTables<'_>, job: JobId) -> Result<Option<String>> {
    let query = t.query(&t.sql.unique_key).bind(Uuid::from(job));
    Ok(query.fetch_optional(&mut *t.conn).await?.map(|row| row.try_get(0)).transpose()?)
}

pub(super) async fn holders(
    t: &mut PostgresTables<'_>,
    leases: &[i64],
) -> Result<Vec<(i64, Holder)>> {
    let query = t.query(&t.sql.holders).bind(leases.to_vec());
    let holder = |row: &PgRow| {
        Ok((row.try_get(0)?, Holder { server: row.try_get(1)?, since: row.try_get(2)? }))
    };
    t.look_up_rows(query).await?.iter().map(holder).collect()
}
