//! Records of jobs, and their places in the line.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{Connection, PgConnection, Row, SqlStr};
use uuid::Uuid;

use super::tables::{CHUNK, PostgresTables};
use super::values::{ascending, job_id, micros, rank, uuids};
use crate::job::JobId;
use crate::storage::model::{JobRow, LeaseParams, LineRow, NewJob, StoredLease};
use crate::storage::tables::Result;

type PgQuery = Query<'static, sqlx::Postgres, PgArguments>;

pub(super) async fn insert_ready(t: &mut PostgresTables<'_>, jobs: &[NewJob]) -> Result<()> {
    insert(t, jobs, &t.sql.insert_ready).await
}

pub(super) async fn insert_leased(
    t: &mut PostgresTables<'_>,
    jobs: &[NewJob],
    params: &LeaseParams<'_>,
) -> Result<Option<StoredLease>> {
    let parts = t.floors.parts(params.server, &[params.queue]);
    let query = match jobs {
        [job] => bind_job(t.query(&t.sql.insert_leased_one), job),
        _ => bind_jobs(t.query(&t.sql.insert_leased), jobs),
    }
    .bind(params.server)
    .bind(params.queue)
    .bind(params.kinds)
    .bind(&parts.after_ranks)
    .bind(&parts.after_seqs)
    .bind(&parts.last_ranks);
    let rows = query.fetch_all(&mut *t.conn).await?;
    let mut stored = HashMap::with_capacity(rows.len());
    let mut lease = None;
    for row in &rows {
        stored.insert(job_id(row, 0)?, row.try_get::<i64, _>(1)?);
        lease = row.try_get::<Option<i64>, _>(2)?;
    }
    let Some(lease) = lease else { return Ok(None) };
    let seqs: Vec<i64> = jobs.iter().filter_map(|job| stored.remove(&job.id)).collect();
    let taken = jobs.iter().map(|job| rank(job.priority)).zip(seqs.iter().copied());
    let taken = taken.map(|(rank, seq)| (0, rank, seq));
    t.floors.note(params.server, &[params.queue], &parts, false, taken);
    Ok(Some(StoredLease { lease, seqs }))
}

pub(super) async fn insert_jobs(t: &mut PostgresTables<'_>, jobs: &[NewJob]) -> Result<()> {
    insert(t, jobs, &t.sql.insert_jobs).await
}

/// More than one statement's worth is stored in a transaction, nested if there is one already,
/// since the caller may have opened none.
async fn insert(t: &mut PostgresTables<'_>, jobs: &[NewJob], statement: &SqlStr) -> Result<()> {
    if jobs.len() <= CHUNK {
        let query = bind_jobs(t.query(statement), jobs);
        query.execute(&mut *t.conn).await?;
        return Ok(());
    }
    let queries: Vec<PgQuery> =
        jobs.chunks(CHUNK).map(|jobs| bind_jobs(t.query(statement), jobs)).collect();
    let mut transaction = t.conn.begin().await?;
    for query in queries {
        let conn: &mut PgConnection = &mut transaction;
        query.execute(conn).await?;
    }
    transaction.commit().await?;
    Ok(())
}

fn bind_job(query: PgQuery, job: &NewJob) -> PgQuery {
    query
        .bind(job.id.as_uuid())
        .bind(job.kind.to_string())
        .bind(job.queue.to_string())
        .bind(job.priority)
        .bind(job.args.clone())
        .bind(job.options.clone())
        .bind(job.expires.map(micros))
}

fn bind_jobs(query: PgQuery, jobs: &[NewJob]) -> PgQuery {
    let each = jobs.iter();
    query
        .bind(uuids(each.clone().map(|job| &job.id)))
        .bind(each.clone().map(|job| job.kind.as_ref()).collect::<Vec<&str>>())
        .bind(each.clone().map(|job| job.queue.as_ref()).collect::<Vec<&str>>())
        .bind(each.clone().map(|job| job.priority).collect::<Vec<i16>>())
        .bind(each.clone().map(|job| job.args.as_str()).collect::<Vec<&str>>())
        .bind(each.clone().map(|job| job.options.as_deref()).collect::<Vec<Option<&str>>>())
        .bind(each.map(|job| job.expires.map(micros)).collect::<Vec<Option<i64>>>())
}

pub(super) async fn insert_line(t: &mut PostgresTables<'_>, rows: &[LineRow]) -> Result<()> {
    for rows in rows.chunks(CHUNK) {
        let each = rows.iter();
        let mut dues: Vec<(Uuid, Option<DateTime<Utc>>)> =
            each.clone().map(|row| (row.job.as_uuid(), row.due)).collect();
        dues.sort_unstable_by_key(|(job, _)| *job);
        let (ids, dues): (Vec<Uuid>, Vec<Option<DateTime<Utc>>>) = dues.into_iter().unzip();
        let query = t
            .query(&t.sql.insert_line)
            .bind(uuids(each.clone().map(|row| &row.job)))
            .bind(each.clone().map(|row| row.kind.as_str()).collect::<Vec<&str>>())
            .bind(each.clone().map(|row| row.queue.as_str()).collect::<Vec<&str>>())
            .bind(each.clone().map(|row| rank(row.priority)).collect::<Vec<i16>>())
            .bind(each.clone().map(|row| row.count.run).collect::<Vec<i32>>())
            .bind(each.clone().map(|row| row.count.charged).collect::<Vec<i32>>())
            .bind(each.clone().map(|row| row.solo).collect::<Vec<bool>>())
            .bind(each.map(|row| row.seq).collect::<Vec<Option<i64>>>())
            .bind(ids)
            .bind(dues);
        query.execute(&mut *t.conn).await?;
        for row in rows.iter().filter(|row| row.seq.is_some()) {
            t.floors.forget(&row.queue);
        }
    }
    Ok(())
}

pub(super) async fn jobs(t: &mut PostgresTables<'_>, ids: &[JobId]) -> Result<Vec<JobRow>> {
    let query = t.query(&t.sql.jobs).bind(uuids(ids));
    t.look_up(query).await
}

/// Fewer than elsewhere: to find one text among n takes n steps.
const INPUTS: usize = 1_000;

pub(super) async fn set_inputs(
    t: &mut PostgresTables<'_>,
    inputs: &[(JobId, String)],
) -> Result<()> {
    let mut inputs: Vec<(Uuid, &str)> =
        inputs.iter().map(|(job, input)| (job.as_uuid(), input.as_str())).collect();
    inputs.sort_unstable_by_key(|(job, _)| *job);
    for inputs in inputs.chunks(INPUTS) {
        let (ids, texts): (Vec<Uuid>, Vec<&str>) = inputs.iter().copied().unzip();
        t.query(&t.sql.set_inputs).bind(ids).bind(texts).execute(&mut *t.conn).await?;
    }
    Ok(())
}

pub(super) async fn rewrite_job(t: &mut PostgresTables<'_>, id: JobId, job: &NewJob) -> Result<()> {
    let query = t
        .query(&t.sql.rewrite_job)
        .bind(Uuid::from(id))
        .bind(job.queue.as_ref())
        .bind(rank(job.priority))
        .bind(job.priority)
        .bind(&job.args)
        .bind(&job.options)
        .bind(job.expires.map(micros));
    query.execute(&mut *t.conn).await?;
    Ok(())
}

pub(super) async fn delete_jobs(t: &mut PostgresTables<'_>, ids: &[JobId]) -> Result<()> {
    for ids in ascending(ids).chunks(CHUNK) {
        t.query(&t.sql.delete_jobs).bind(ids).execute(&mut *t.conn).await?;
    }
    Ok(())
}
