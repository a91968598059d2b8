//! What has happened to jobs: appended, and never changed.

use super::batch;
use super::tables::SqliteTables;
use super::values::{after, before, hex_of, json};
use crate::job::JobId;
use crate::storage::model::{AttemptRow, EventRow};
use crate::storage::packing::pack_finished;
use crate::storage::tables::Result;

pub(super) async fn insert_attempts(
    t: &mut SqliteTables<'_>,
    rows: &[AttemptRow<'_>],
) -> Result<()> {
    let now = t.clock();
    let storage = t.storage;
    batch::insert(t, &storage.batches.attempts, rows, |values, row| {
        let started_at = before(now, row.age);
        values
            .add(row.job.as_uuid())
            .add(row.run)
            .add(row.end as i16)
            .add(row.keeps)
            .add(row.server)
            .add(started_at)
            .add(after(started_at, row.took))
            .add(row.output)
            .add(row.failure.as_deref());
    })
    .await?;
    batch::insert(t, &storage.batches.finished, &pack_finished(rows), |values, jobs| {
        values.add(now).add(jobs.as_slice());
    })
    .await
}

pub(super) async fn attempted(
    t: &mut SqliteTables<'_>,
    runs: &[(JobId, i32)],
) -> Result<Vec<JobId>> {
    if runs.is_empty() {
        return Ok(Vec::new());
    }
    let runs: Vec<(String, i32)> = runs.iter().map(|(job, run)| (hex_of(*job), *run)).collect();
    t.read_of(&t.storage.statements.attempted, json(&runs)).await
}

pub(super) async fn insert_events(t: &mut SqliteTables<'_>, rows: &[EventRow]) -> Result<()> {
    let now = t.clock();
    let storage = t.storage;
    batch::insert(t, &storage.batches.events, rows, |values, row| {
        values
            .add(row.job.as_uuid())
            .add(now)
            .add(row.event as i16)
            .add(row.from.as_str())
            .add(row.to.as_str())
            .add(row.reason.as_ref())
            .add(row.server);
    })
    .await
}
