//! What a job leaves behind while it runs.

use super::tables::SqliteTables;
use super::values::get;
use crate::job::JobId;
use crate::storage::tables::Result;

pub(super) async fn step_output(
    t: &mut SqliteTables<'_>,
    job: JobId,
    name: &str,
) -> Result<Option<String>> {
    let sql = t.storage.statements.step_output.clone();
    let row = t.row(sqlx::query(sql).bind(job.as_uuid()).bind(name)).await?;
    row.map(|row| get(&row, 0)).transpose()
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

pub(super) async fn log(
    t: &mut SqliteTables<'_>,
    job: JobId,
    run: i32,
    line: &str,
    limit: i64,
) -> Result<()> {
    let log = sqlx::query(t.storage.statements.log.clone())
        .bind(job.as_uuid())
        .bind(run)
        .bind(t.clock())
        .bind(line)
        .bind(limit)
        .bind(format!("(cut: {limit} lines are kept of one job)"));
    t.execute(log).await?;
    Ok(())
}

pub(super) async fn progress(
    t: &mut SqliteTables<'_>,
    job: JobId,
    done: i64,
    total: i64,
) -> Result<()> {
    let sql = t.storage.statements.progress.clone();
    t.execute(sqlx::query(sql).bind(job.as_uuid()).bind(done).bind(total)).await?;
    Ok(())
}
