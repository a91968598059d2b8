//! What a job leaves behind while it runs.

use super::batch;
use super::tables::SqliteTables;
use super::values::{before, hex_of, ids_json, json};
use crate::job::JobId;
use crate::storage::model::LogRow;
use crate::storage::tables::Result;

pub(super) async fn step_output(
    t: &mut SqliteTables<'_>,
    job: JobId,
    name: &str,
) -> Result<Option<String>> {
    let sql = t.storage.statements.step_output.clone();
    t.read_one(sqlx::query(sql).bind(job.as_uuid()).bind(name)).await
}

/// The first output stays: it is what a run may have gone on with.
pub(super) async fn keep_step(
    t: &mut SqliteTables<'_>,
    job: JobId,
    name: &str,
    output: &str,
) -> Result<()> {
    let keep = sqlx::query(t.storage.statements.keep_step.clone());
    t.execute(keep.bind(job.as_uuid()).bind(name).bind(output).bind(t.clock())).await?;
    Ok(())
}

pub(super) async fn count_log(
    t: &mut SqliteTables<'_>,
    jobs: &[JobId],
    limit: i64,
) -> Result<Vec<(JobId, i64)>> {
    let sql = t.storage.statements.count_log.clone();
    t.read(sqlx::query(sql).bind(ids_json(jobs)).bind(limit)).await
}

pub(super) async fn insert_log(t: &mut SqliteTables<'_>, rows: &[LogRow]) -> Result<()> {
    let now = t.clock();
    let storage = t.storage;
    batch::insert(t, &storage.batches.log, rows, |values, row| {
        values.add(row.job.as_uuid()).add(row.run).add(before(now, row.age)).add(row.text.as_str());
    })
    .await
}

pub(super) async fn put_progress(
    t: &mut SqliteTables<'_>,
    rows: &[(JobId, i64, i64)],
) -> Result<()> {
    let rows: Vec<(String, i64, i64)> =
        rows.iter().map(|(job, done, total)| (hex_of(*job), *done, *total)).collect();
    let sql = t.storage.statements.put_progress.clone();
    t.execute(sqlx::query(sql).bind(json(&rows))).await?;
    Ok(())
}
