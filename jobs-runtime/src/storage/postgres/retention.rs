//! Finding what may be removed.

use std::time::Duration;

use sqlx::Row;

use super::places::placed;
use super::tables::PostgresTables;
use super::values::{ascending, micros};
use crate::job::JobId;
use crate::storage::model::Hold;
use crate::storage::packing::unpack_ids;
use crate::storage::tables::Result;

pub(super) async fn take_finished(
    t: &mut PostgresTables<'_>,
    keep: Duration,
    limit: u32,
) -> Result<Option<Vec<JobId>>> {
    let query = t.query(&t.sql.take_finished).bind(micros(keep)).bind(i64::from(limit));
    let rows = query.fetch_all(&mut *t.conn).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut listed = Vec::new();
    for row in &rows {
        listed.extend(unpack_ids(row.try_get(0)?));
    }
    // Waits for whoever is requeuing one of them at this moment.
    let query = t.query(&t.sql.lock_finished).bind(ascending(&listed)).bind(micros(keep));
    t.read(query).await.map(Some)
}

/// The jobs are locked in their places, since one that is requeued at this moment must stay.
pub(super) async fn expired(t: &mut PostgresTables<'_>, limit: u32) -> Result<Vec<JobId>> {
    let query = t.query(&t.sql.expired).bind(i64::from(limit));
    let ids: Vec<JobId> = t.read(query).await?;
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
    t.query(&t.sql.forget_admissions).execute(&mut *t.conn).await?;
    t.query(&t.sql.forget_throttles).execute(&mut *t.conn).await?;
    Ok(())
}
