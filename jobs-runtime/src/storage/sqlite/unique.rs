//! Keys that one job holds, and the job that gives way to a newer request.

use std::time::Duration;

use super::tables::SqliteTables;
use super::values::{after, duration};
use crate::job::JobId;
use crate::storage::model::NewJob;
use crate::storage::tables::Result;

pub(super) async fn take_unique(
    t: &mut SqliteTables<'_>,
    kind: &str,
    key: &str,
    job: JobId,
) -> Result<Option<(JobId, Duration)>> {
    let statements = &t.storage.statements;
    let now = t.clock();
    let take = sqlx::query(statements.take_unique.clone());
    if t.execute(take.bind(kind).bind(key).bind(job.as_uuid()).bind(now)).await? > 0 {
        return Ok(None);
    }
    let holder = sqlx::query(statements.unique_holder.clone()).bind(kind).bind(key);
    let holder: Option<(JobId, i64)> = t.read_one(holder).await?;
    Ok(holder.map(|(holder, since)| (holder, duration(now.saturating_sub(since)))))
}

pub(super) async fn set_unique(
    t: &mut SqliteTables<'_>,
    kind: &str,
    key: &str,
    job: JobId,
) -> Result<()> {
    let set = sqlx::query(t.storage.statements.set_unique.clone());
    t.execute(set.bind(kind).bind(key).bind(job.as_uuid()).bind(t.clock())).await?;
    Ok(())
}

pub(super) async fn rewrite_job(t: &mut SqliteTables<'_>, id: JobId, job: &NewJob) -> Result<()> {
    let statements = &t.storage.statements;
    let now = t.clock();
    let line = sqlx::query(statements.rewrite_line.clone())
        .bind(id.as_uuid())
        .bind(job.queue.as_ref())
        .bind(-i64::from(job.priority));
    t.execute(line).await?;
    let waiting = sqlx::query(statements.rewrite_waiting.clone())
        .bind(id.as_uuid())
        .bind(job.queue.as_ref())
        .bind(-i64::from(job.priority));
    t.execute(waiting).await?;
    let record = sqlx::query(statements.rewrite_job.clone())
        .bind(id.as_uuid())
        .bind(job.queue.as_ref())
        .bind(job.priority)
        .bind(job.args.as_str())
        .bind(job.options.as_deref())
        .bind(job.expires.map(|expires| after(now, expires)));
    t.execute(record).await?;
    Ok(())
}
