//! What a running job stores: steps, log, progress.

use std::collections::HashMap;

use super::batch;
use super::tables::MySqlTables;
use super::values::{ids_json, micros};
use crate::job::JobId;
use crate::storage::model::LogRow;
use crate::storage::tables::Result;

pub(super) async fn step_output(
    t: &mut MySqlTables<'_>,
    job: JobId,
    name: &str,
) -> Result<Option<String>> {
    let query = t.query(&t.sql.step_output).bind(job.as_uuid()).bind(name);
    t.read_one(query).await
}

pub(super) async fn keep_step(
    t: &mut MySqlTables<'_>,
    job: JobId,
    name: &str,
    output: &str,
) -> Result<()> {
    t.fits(2 * name.len() + output.len())?;
    let query = t.query(&t.sql.keep_step).bind(job.as_uuid()).bind(name).bind(name).bind(output);
    t.execute(query).await?;
    Ok(())
}

/// The limit is for those to whom counting further is dear: here the rows lie side by side.
pub(super) async fn count_log(
    t: &mut MySqlTables<'_>,
    jobs: &[JobId],
    limit: i64,
) -> Result<Vec<(JobId, i64)>> {
    let found: Vec<(JobId, i64)> = t.read_of(&t.sql.count_log, &ids_json(jobs)).await?;
    let mut counts: HashMap<JobId, i64> = jobs.iter().map(|job| (*job, 0)).collect();
    counts.extend(found.into_iter().map(|(job, count)| (job, count.min(limit))));
    Ok(counts.into_iter().collect())
}

pub(super) async fn insert_log(t: &mut MySqlTables<'_>, rows: &[LogRow]) -> Result<()> {
    let size = |row: &LogRow| row.text.len();
    batch::insert_large(t, &t.shared.batches.log, rows, size, |values, row| {
        values.add(row.job.as_uuid()).add(row.run).add(micros(row.age)).add(row.text.as_str());
    })
    .await
}

pub(super) async fn put_progress(
    t: &mut MySqlTables<'_>,
    rows: &[(JobId, i64, i64)],
) -> Result<()> {
    batch::insert(t, &t.shared.batches.progress, rows, |values, (job, done, total)| {
        values.add(job.as_uuid()).add(*done).add(*total);
    })
    .await
}
