//! What happened to jobs.

use sqlx::postgres::types::PgInterval;
use sqlx::types::Uuid;

use super::edges::in_order;
use super::tables::{CHUNK, PostgresTables};
use super::values::{interval, storable, uuids};
use crate::job::JobId;
use crate::storage::model::{AttemptEnd, AttemptRow, EdgeRow, EventRow};
use crate::storage::packing::pack_finished;
use crate::storage::tables::{Result, end_runs_by_steps};

pub(super) async fn insert_attempts(
    t: &mut PostgresTables<'_>,
    rows: &[AttemptRow<'_>],
) -> Result<()> {
    for rows in rows.chunks(CHUNK) {
        insert_any(t, rows).await?;
    }
    Ok(())
}

/// All in one statement, of half of the columns, where each run is a plain success.
pub(super) async fn end_runs(
    t: &mut PostgresTables<'_>,
    runs: &[AttemptRow<'_>],
    used_up: &[i64],
    settled: &[JobId],
) -> Result<Vec<EdgeRow>> {
    let server = runs.first().and_then(|run| run.server);
    let is_plain = |run: &AttemptRow<'_>| is_plain_success(run) && run.server == server;
    if (1..=CHUNK).contains(&runs.len()) && runs.len() == settled.len() && runs.iter().all(is_plain)
    {
        return end_successes(t, runs, server, used_up).await;
    }
    end_runs_by_steps(t, runs, used_up, settled).await
}

/// Whether there is nothing to be written but that it succeeded, and when.
fn is_plain_success(row: &AttemptRow<'_>) -> bool {
    row.end == AttemptEnd::Succeeded && !row.keeps && row.output.is_none() && row.failure.is_none()
}

async fn end_successes(
    t: &mut PostgresTables<'_>,
    rows: &[AttemptRow<'_>],
    server: Option<i64>,
    used_up: &[i64],
) -> Result<Vec<EdgeRow>> {
    let each = rows.iter();
    let query = t
        .query(&t.sql.end_successes)
        .bind(uuids(each.clone().map(|row| &row.job)))
        .bind(each.clone().map(|row| row.run).collect::<Vec<i32>>())
        .bind(each.clone().map(|row| interval(row.age)).collect::<Vec<PgInterval>>())
        .bind(each.map(ended).collect::<Vec<PgInterval>>())
        .bind(server)
        .bind(pack_finished(rows))
        .bind(used_up);
    Ok(in_order(t.read(query).await?))
}

/// How long ago a run has ended.
fn ended(row: &AttemptRow<'_>) -> PgInterval {
    interval(row.age.saturating_sub(row.took))
}

async fn insert_any(t: &mut PostgresTables<'_>, rows: &[AttemptRow<'_>]) -> Result<()> {
    let each = rows.iter();
    let query = t
        .query(&t.sql.insert_attempts)
        .bind(uuids(each.clone().map(|row| &row.job)))
        .bind(each.clone().map(|row| row.run).collect::<Vec<i32>>())
        .bind(each.clone().map(|row| row.end as i16).collect::<Vec<i16>>())
        .bind(each.clone().map(|row| row.keeps).collect::<Vec<bool>>())
        .bind(each.clone().map(|row| row.server).collect::<Vec<Option<i64>>>())
        .bind(each.clone().map(|row| interval(row.age)).collect::<Vec<PgInterval>>())
        .bind(each.clone().map(ended).collect::<Vec<PgInterval>>())
        .bind(each.clone().map(|row| row.output).collect::<Vec<Option<&str>>>())
        .bind(each.map(|row| row.failure.as_deref()).collect::<Vec<Option<&str>>>())
        .bind(pack_finished(rows));
    query.execute(&mut *t.conn).await?;
    Ok(())
}

pub(super) async fn attempted(
    t: &mut PostgresTables<'_>,
    runs: &[(JobId, i32)],
) -> Result<Vec<JobId>> {
    let (ids, numbers): (Vec<Uuid>, Vec<i32>) =
        runs.iter().map(|(job, run)| (job.as_uuid(), *run)).unzip();
    let query = t.query(&t.sql.attempted).bind(ids).bind(numbers);
    t.read(query).await
}

pub(super) async fn insert_events(t: &mut PostgresTables<'_>, rows: &[EventRow]) -> Result<()> {
    for rows in rows.chunks(CHUNK) {
        let each = rows.iter();
        let reasons: Vec<_> = each.clone().map(|row| storable(&row.reason)).collect();
        let query = t
            .query(&t.sql.insert_events)
            .bind(uuids(each.clone().map(|row| &row.job)))
            .bind(each.clone().map(|row| row.event as i16).collect::<Vec<i16>>())
            .bind(each.clone().map(|row| row.from.as_str()).collect::<Vec<&str>>())
            .bind(each.clone().map(|row| row.to.as_str()).collect::<Vec<&str>>())
            .bind(reasons.iter().map(AsRef::as_ref).collect::<Vec<&str>>())
            .bind(each.map(|row| row.server).collect::<Vec<Option<i64>>>());
        query.execute(&mut *t.conn).await?;
    }
    Ok(())
}
