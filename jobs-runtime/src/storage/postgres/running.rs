//! What a running job stores: steps, log, progress.

use sqlx::postgres::types::PgInterval;
use uuid::Uuid;

use super::tables::{CHUNK, PostgresTables};
use super::values::{interval, storable, uuids};
use crate::job::JobId;
use crate::storage::model::LogRow;
use crate::storage::tables::Result;

pub(super) async fn step_output(
    t: &mut PostgresTables<'_>,
    job: JobId,
    name: &str,
) -> Result<Option<String>> {
    let query = t.query(&t.sql.step_output).bind(Uuid::from(job)).bind(storable(name).as_ref());
    t.read_one(query).await
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

pub(super) async fn count_log(
    t: &mut PostgresTables<'_>,
    jobs: &[JobId],
    limit: i64,
) -> Result<Vec<(JobId, i64)>> {
    let query = t.query(&t.sql.count_log).bind(uuids(jobs)).bind(limit);
    t.read(query).await
}

pub(super) async fn insert_log(t: &mut PostgresTables<'_>, rows: &[LogRow]) -> Result<()> {
    for rows in rows.chunks(CHUNK) {
        let each = rows.iter();
        let query = t
            .query(&t.sql.insert_log)
            .bind(uuids(each.clone().map(|row| &row.job)))
            .bind(each.clone().map(|row| row.run).collect::<Vec<i32>>())
            .bind(each.clone().map(|row| interval(row.age)).collect::<Vec<PgInterval>>())
            .bind(each.map(|row| row.text.as_str()).collect::<Vec<&str>>());
        query.execute(&mut *t.conn).await?;
    }
    Ok(())
}

pub(super) async fn put_progress(
    t: &mut PostgresTables<'_>,
    rows: &[(JobId, i64, i64)],
) -> Result<()> {
    let each = rows.iter();
    let query = t
        .query(&t.sql.put_progress)
        .bind(uuids(each.clone().map(|(job, ..)| job)))
        .bind(each.clone().map(|(_, done, _)| *done).collect::<Vec<i64>>())
        .bind(each.map(|(.., total)| *total).collect::<Vec<i64>>());
    query.execute(&mut *t.conn).await?;
    Ok(())
}
