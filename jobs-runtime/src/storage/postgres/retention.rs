//! Finding what may be removed.

use std::time::Duration;

use sqlx::Row;

use super::places::placed;
use super::tables::PostgresTables;
use super::values::{job_ids, micros};
use crate::job::JobId;
use crate::storage::model::Hold;
use crate::storage::tables::Result;

/// Attempts end nearly in the order of their keys, so that the first young one ends the search
/// instead of all that follow being read.
pub(super) async fn finished_before(
    t: &mut PostgresTables<'_>,
    after: i64,
    keep: Duration,
    limit: u32,
) -> Result<(Vec<JobId>, Option<i64>)> {
    let query =
        t.query(&t.sql.finished_before).bind(after).bind(micros(keep)).bind(i64::from(limit));
    let rows = query.fetch_all(&mut *t.conn).await?;
    let mut last = None;
    let mut goers: Vec<i64> = Vec::with_capacity(rows.len());
    for row in &rows {
        if !row.try_get::<bool, _>(2)? {
            break;
        }
        let id: i64 = row.try_get(0)?;
        if row.try_get(1)? {
            goers.push(id);
        }
        last = Some(id);
    }
    if goers.is_empty() {
        return Ok((Vec::new(), last));
    }
    // A job that somebody is requeuing at this moment stays.
    let query = t.query(&t.sql.lock_finished).bind(goers);
    Ok((job_ids(&query.fetch_all(&mut *t.conn).await?)?, last))
}

/// The jobs are locked in their places, since one that is requeued at this moment must stay.
pub(super) async fn expired(t: &mut PostgresTables<'_>, limit: u32) -> Result<Vec<JobId>> {
    let query = t.query(&t.sql.expired).bind(i64::from(limit));
    let ids = job_ids(&query.fetch_all(&mut *t.conn).await?)?;
    if ids.is_empty() {
        return Ok(ids);
    }
    let placed = placed(t, &ids, Hold::Stay).await?;
    let settled = placed.into_iter().filter(|placed| placed.placement.state.is_settled());
    Ok(settled.map(|placed| placed.job).collect())
}

pub(super) async fn forget(t: &mut PostgresTables<'_>, age: Duration) -> Result<()> {
    for statement in [&t.sql.forget_servers, &t.sql.forget_fires, &t.sql.forget_unique] {
        t.query(statement).bind(micros(age)).execute(&mut *t.conn).await?;
    }
    Ok(())
}
