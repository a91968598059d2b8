//! What a running job stores: steps, log, progress.

use sqlx::Row;
use uuid::Uuid;

use super::tables::PostgresTables;
use super::values::storable;
use crate::job::JobId;
use crate::storage::tables::Result;

pub(super) async fn step_output(
    t: &mut PostgresTables<'_>,
    job: JobId,
    name: &str,
) -> Result<Option<String>> {
    let query = t.query(&t.sql.step_output).bind(Uuid::from(job)).bind(storable(name).as_ref());
    let row = query.fetch_optional(&mut *t.conn).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

pub(super) async fn keep_step(
    t: &mut PostgresTables<'_>,
    job: JobId,
    name: &str,
    output: &str,
) -> Result<()> {
    let name = storable(name);
    let query = t.query(&t.sql.keep_step).bind(Uuid::from(job)).bind(name.as_ref()).bind(output);
    query.execute(&mut *t.conn).await?;
    Ok(())
}

pub(super) async fn log(
    t: &mut PostgresTables<'_>,
    job: JobId,
    run: i32,
    line: &str,
    limit: i64,
) -> Result<()> {
    let query = t
        .query(&t.sql.log)
        .bind(Uuid::from(job))
        .bind(run)
        .bind(storable(line).as_ref())
        .bind(limit)
        .bind(format!("(cut here: the log of a job has {limit} lines at most)"));
    query.execute(&mut *t.conn).await?;
    Ok(())
}

pub(super) async fn progress(
    t: &mut PostgresTables<'_>,
    job: JobId,
    done: i64,
    total: i64,
) -> Result<()> {
    let query = t.query(&t.sql.progress).bind(Uuid::from(job)).bind(done).bind(total);
    query.execute(&mut *t.conn).await?;
    Ok(())
}
