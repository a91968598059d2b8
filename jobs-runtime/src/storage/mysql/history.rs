//! What has happened to jobs: appended, and never changed.

use super::batch;
use super::tables::MySqlTables;
use super::values::{hex_of, json, micros};
use crate::job::JobId;
use crate::storage::model::{AttemptRow, EventRow};
use crate::storage::packing::pack_finished;
use crate::storage::tables::Result;

pub(super) async fn insert_attempts(
    t: &mut MySqlTables<'_>,
    rows: &[AttemptRow<'_>],
) -> Result<()> {
    let size = |row: &AttemptRow<'_>| {
        row.output.map_or(0, str::len) + row.failure.as_ref().map_or(0, String::len)
    };
    batch::insert_large(t, &t.shared.batches.attempts, rows, size, |values, row| {
        values
            .add(row.job.as_uuid())
            .add(row.run)
            .add(row.end as i16)
            .add(row.keeps)
            .add(row.server)
            .add(micros(row.age))
            .add(micros(row.age.saturating_sub(row.took)))
            .add(row.output)
            .add(row.failure.as_deref());
    })
    .await?;
    batch::insert(t, &t.shared.batches.finished, &pack_finished(rows), |values, jobs| {
        values.add(jobs.as_slice());
    })
    .await
}

pub(super) async fn attempted(
    t: &mut MySqlTables<'_>,
    runs: &[(JobId, i32)],
) -> Result<Vec<JobId>> {
    if runs.is_empty() {
        return Ok(Vec::new());
    }
    let runs: Vec<(String, i32)> = runs.iter().map(|(job, run)| (hex_of(*job), *run)).collect();
    t.read_of(&t.sql.attempted, &json(&runs)).await
}

pub(super) async fn insert_events(t: &mut MySqlTables<'_>, rows: &[EventRow]) -> Result<()> {
    batch::insert(t, &t.shared.batches.events, rows, |values, row| {
        values
            .add(row.job.as_uuid())
            .add(row.event as i16)
            .add(row.from.as_str())
            .add(row.to.as_str())
            .add(row.reason.as_ref())
            .add(row.server);
    })
    .await
}
