//! The narrow tables of the rarer states.

use std::time::Duration;

use sqlx::sqlite::SqliteRow;

use super::batch;
use super::tables::SqliteTables;
use super::values::{after, due_at, hex_of, json};
use crate::job::{BatchId, JobId};
use crate::storage::model::{Count, DeletedRow, FailedRow, LineRow, ScheduleRow};
use crate::storage::rows::Columns;
use crate::storage::tables::Result;

pub(super) async fn insert_schedule(t: &mut SqliteTables<'_>, rows: &[ScheduleRow]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut seq = t.next_seqs(rows.len()).await?..;
    let now = t.clock();
    let storage = t.storage;
    batch::insert(t, &storage.batches.schedule, rows, |values, row| {
        values.add(row.job.as_uuid()).add(seq.next()).add(due_at(now, row.due));
        values.add(row.count.run).add(row.count.charged).add(row.reason as i16);
    })
    .await
}

pub(super) async fn take_due(t: &mut SqliteTables<'_>, limit: u32) -> Result<Vec<LineRow>> {
    let statements = &t.storage.statements;
    let rows = t.rows(sqlx::query(statements.due.clone()).bind(t.clock()).bind(limit)).await?;
    let Some(last) = rows.last() else { return Ok(Vec::new()) };
    // The first rows by time and place, as they were read in this very transaction.
    let delete = sqlx::query(statements.delete_due.clone())
        .bind(last.get::<i64>(3)?)
        .bind(last.get::<i64>(4)?);
    t.execute(delete).await?;
    rows.iter().map(due_row).collect()
}

fn due_row(row: &SqliteRow) -> Result<LineRow> {
    Ok(LineRow {
        job: row.get(0)?,
        count: Count { run: row.get(1)?, charged: row.get(2)? },
        kind: row.get(5)?,
        queue: row.get(6)?,
        priority: row.get(7)?,
        options: row.get(8)?,
        solo: false,
        seq: None,
        due: Some(row.get(3)?),
    })
}

pub(super) async fn insert_failed(t: &mut SqliteTables<'_>, rows: &[FailedRow]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut seq = t.next_seqs(rows.len()).await?..;
    let now = t.clock();
    let storage = t.storage;
    batch::insert(t, &storage.batches.failed, rows, |values, row| {
        values.add(row.job.as_uuid()).add(seq.next()).add(now).add(row.reason as i16);
        values.add(row.failure.as_str()).add(row.count.run).add(row.count.charged);
    })
    .await
}

pub(super) async fn insert_deleted(t: &mut SqliteTables<'_>, rows: &[DeletedRow]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut seq = t.next_seqs(rows.len()).await?..;
    let now = t.clock();
    let storage = t.storage;
    batch::insert(t, &storage.batches.deleted, rows, |values, row| {
        values.add(row.job.as_uuid()).add(seq.next()).add(now).add(row.reason.as_str());
        values.add(row.cause.map(JobId::as_uuid)).add(row.failure.as_deref());
        values.add(row.count.run).add(row.count.charged);
    })
    .await
}

pub(super) async fn insert_kept(
    t: &mut SqliteTables<'_>,
    rows: &[(JobId, Duration)],
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let seq = t.next_seqs(rows.len()).await?..;
    let now = t.clock();
    let rows: Vec<(String, i64, i64)> = rows
        .iter()
        .zip(seq)
        .map(|((job, keep), seq)| (hex_of(*job), after(now, *keep), seq))
        .collect();
    let sql = t.storage.statements.insert_kept.clone();
    t.execute(sqlx::query(sql).bind(json(&rows)).bind(now)).await?;
    Ok(())
}

pub(super) async fn insert_batch_finished(
    t: &mut SqliteTables<'_>,
    rows: &[(BatchId, Vec<u8>)],
) -> Result<()> {
    let mut seq = t.next_seqs(rows.len()).await?..;
    let now = t.clock();
    let storage = t.storage;
    batch::insert(t, &storage.batches.batch_finished, rows, |values, (batch, jobs)| {
        values.add(now).add(seq.next().map(i64::wrapping_neg));
        values.add(batch.as_uuid()).add(jobs.as_slice());
    })
    .await
}

pub(super) async fn insert_expiry(
    t: &mut SqliteTables<'_>,
    rows: &[(JobId, Duration)],
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let now = t.clock();
    let rows: Vec<(String, i64)> =
        rows.iter().map(|(job, keep)| (hex_of(*job), after(now, *keep))).collect();
    let sql = t.storage.statements.insert_expiry.clone();
    t.execute(sqlx::query(sql).bind(json(&rows))).await?;
    Ok(())
}
