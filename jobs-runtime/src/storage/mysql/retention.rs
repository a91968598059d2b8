//! Finding and removing what is no longer wanted.

use std::time::Duration;

use super::places::placed;
use super::tables::MySqlTables;
use super::values::{ids_json, json, micros};
use crate::job::JobId;
use crate::storage::model::Hold;
use crate::storage::packing::unpack_ids;
use crate::storage::rows::Columns;
use crate::storage::tables::Result;

/// How long a throttle is kept that nothing counts on, beyond its window.
const UNUSED: Duration = Duration::from_secs(3600);

pub(super) async fn take_finished(
    t: &mut MySqlTables<'_>,
    keep: Duration,
    limit: u32,
) -> Result<Option<Vec<JobId>>> {
    let listed = take_listed(t, keep, limit).await?;
    if listed.is_none() {
        return Ok(None);
    }
    let mut listed = listed.unwrap_or_default();
    listed.sort_unstable();
    // Waits for whoever is requeuing one of them at this moment.
    let query = t.query(&t.sql.lock_finished).bind(ids_json(&listed)).bind(micros(keep));
    t.read(query).await.map(Some)
}

/// Takes rows from the list until they name `limit` jobs, but for those that another takes.
async fn take_listed(
    t: &mut MySqlTables<'_>,
    keep: Duration,
    limit: u32,
) -> Result<Option<Vec<JobId>>> {
    let query = t.query(&t.sql.finished_sizes).bind(micros(keep)).bind(limit);
    let mut ids: Vec<i64> = Vec::new();
    let mut named = 0;
    for row in &t.rows(query).await? {
        if named >= i64::from(limit) {
            break;
        }
        ids.push(row.get(0)?);
        named += row.get::<i64>(1)?;
    }
    if ids.is_empty() {
        return Ok(None);
    }
    let rows = t.rows_of(&t.sql.lock_finished_rows, &json(&ids)).await?;
    let mut listed = Vec::new();
    let mut taken: Vec<i64> = Vec::new();
    for row in &rows {
        taken.push(row.get(0)?);
        listed.extend(unpack_ids(row.get(1)?));
    }
    t.execute_of(&t.sql.delete_finished_rows, &json(&taken)).await?;
    Ok((!taken.is_empty()).then_some(listed))
}

/// The jobs are locked in their places, since one that is requeued at this moment must stay.
pub(super) async fn expired(t: &mut MySqlTables<'_>, limit: u32) -> Result<Vec<JobId>> {
    let query = t.query(&t.sql.expired).bind(limit);
    let ids: Vec<JobId> = t.read(query).await?;
    let placed = placed(t, &ids, Hold::Stay).await?;
    let settled = placed.into_iter().filter(|placed| placed.placement.state.is_settled());
    Ok(settled.map(|placed| placed.job).collect())
}

pub(super) async fn delete_jobs(t: &mut MySqlTables<'_>, ids: &[JobId]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    let ids = ids_json(&ids);
    let sql = t.sql;
    let deletes = [
        // Found by the record, which therefore goes last.
        &sql.delete_places,
        &sql.delete_waiting,
        &sql.delete_schedule,
        &sql.delete_awaiting,
        &sql.delete_failed,
        &sql.delete_deleted,
        &sql.delete_expiry,
        &sql.delete_attempts,
        &sql.delete_events,
        &sql.delete_edges_to,
        &sql.delete_edges_from,
        &sql.delete_keys,
        &sql.delete_steps,
        &sql.delete_log,
        &sql.delete_progress,
        &sql.delete_tags,
        &sql.delete_jobs,
    ];
    for delete in deletes {
        t.execute_of(delete, &ids).await?;
    }
    Ok(())
}

pub(super) async fn forget(t: &mut MySqlTables<'_>, age: Duration) -> Result<()> {
    let sql = t.sql;
    for forget in [&sql.forget_servers, &sql.forget_fires, &sql.forget_keys] {
        t.execute(t.query(forget).bind(micros(age))).await?;
    }
    t.execute(t.query(&sql.forget_throttles).bind(micros(UNUSED))).await?;
    t.execute(t.query(&sql.forget_admissions)).await?;
    Ok(())
}
