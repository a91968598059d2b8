//! Keys that one job holds, and the job that gives way to a newer request.

use std::time::Duration;

use super::tables::MySqlTables;
use super::values::{damaged, micros, rank};
use crate::job::JobId;
use crate::storage::model::NewJob;
use crate::storage::tables::Result;

pub(super) async fn take_unique(
    t: &mut MySqlTables<'_>,
    kind: &str,
    key: &str,
    job: JobId,
) -> Result<Option<(JobId, Duration)>> {
    let take =
        t.query(&t.sql.take_unique).bind(kind.to_owned()).bind(key.to_owned()).bind(job.as_uuid());
    t.execute(take).await?;
    let holder = t.query(&t.sql.unique_holder).bind(kind.to_owned()).bind(key.to_owned());
    let (holder, held) = t.read_one(holder).await?.ok_or_else(|| damaged("unique key", key))?;
    Ok((holder != job).then_some((holder, held)))
}

pub(super) async fn set_unique(
    t: &mut MySqlTables<'_>,
    kind: &str,
    key: &str,
    job: JobId,
) -> Result<()> {
    let set =
        t.query(&t.sql.set_unique).bind(kind.to_owned()).bind(key.to_owned()).bind(job.as_uuid());
    t.execute(set).await?;
    Ok(())
}

pub(super) async fn rewrite_job(t: &mut MySqlTables<'_>, id: JobId, job: &NewJob) -> Result<()> {
    t.fits(job.args.len() + job.options.as_ref().map_or(0, String::len))?;
    for place in [&t.sql.rewrite_line, &t.sql.rewrite_waiting] {
        let place =
            t.query(place).bind(job.queue.to_string()).bind(rank(job.priority)).bind(id.as_uuid());
        t.execute(place).await?;
    }
    let record = t
        .query(&t.sql.rewrite_job)
        .bind(job.queue.to_string())
        .bind(job.priority)
        .bind(job.args.as_str())
        .bind(job.options.as_deref())
        .bind(job.expires.map(micros))
        .bind(id.as_uuid());
    t.execute(record).await?;
    Ok(())
}
