//! The narrow tables of the rarer states.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::mysql::MySqlRow;

use super::tables::MySqlTables;
use super::values::{due_columns, ids_json, micros};
use super::{batch, lines, seqs};
use crate::job::{BatchId, JobId};
use crate::storage::model::{Count, DeletedRow, FailedRow, JobRow, LineRow, ScheduleRow};
use crate::storage::rows::Columns;
use crate::storage::tables::Result;

pub(super) async fn insert_schedule(t: &mut MySqlTables<'_>, rows: &[ScheduleRow]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut seqs = seqs::next(t, rows.len()).await?;
    batch::insert(t, &t.shared.batches.schedule, rows, |values, row| {
        let (delay, due_at) = due_columns(row.due);
        values.add(row.job.as_uuid()).add(seqs.next()).add(due_at).add(delay);
        values.add(row.count.run).add(row.count.charged).add(row.reason as i16);
    })
    .await
}

pub(super) async fn take_due(t: &mut MySqlTables<'_>, limit: u32) -> Result<Vec<LineRow>> {
    let query = t.query(&t.sql.due).bind(limit);
    let rows = t.rows(query).await?;
    let due = |row: &MySqlRow| {
        let count = Count { run: row.get(1)?, charged: row.get(2)? };
        Ok((row.get(0)?, count, row.get(3)?))
    };
    let due = rows.iter().map(due).collect::<Result<Vec<(JobId, Count, DateTime<Utc>)>>>()?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<JobId> = due.iter().map(|(job, ..)| *job).collect();
    t.execute_of(&t.sql.delete_schedule, &ids_json(&ids)).await?;
    let records = lines::jobs(t, &ids).await?.into_iter().map(|record| (record.id, record));
    let mut records: HashMap<JobId, JobRow> = records.collect();
    let row = |(job, count, due)| {
        let JobRow { kind, queue, priority, options, .. } = records.remove(&job)?;
        let (solo, seq, due) = (false, None, Some(due));
        Some(LineRow { job, kind, queue, priority, options, count, solo, seq, due })
    };
    Ok(due.into_iter().filter_map(row).collect())
}

pub(super) async fn insert_failed(t: &mut MySqlTables<'_>, rows: &[FailedRow]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut seqs = seqs::next(t, rows.len()).await?;
    let size = |row: &FailedRow| row.failure.len();
    batch::insert_large(t, &t.shared.batches.failed, rows, size, |values, row| {
        values.add(row.job.as_uuid()).add(seqs.next()).add(row.reason as i16);
        values.add(row.failure.as_str()).add(row.count.run).add(row.count.charged);
    })
    .await
}

pub(super) async fn insert_deleted(t: &mut MySqlTables<'_>, rows: &[DeletedRow]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut seqs = seqs::next(t, rows.len()).await?;
    let size = |row: &DeletedRow| row.reason.len() + row.failure.as_ref().map_or(0, String::len);
    batch::insert_large(t, &t.shared.batches.deleted, rows, size, |values, row| {
        values.add(row.job.as_uuid()).add(seqs.next()).add(row.reason.as_str());
        values.add(row.cause.map(JobId::as_uuid)).add(row.failure.as_deref());
        values.add(row.count.run).add(row.count.charged);
    })
    .await
}

pub(super) async fn insert_kept(t: &mut MySqlTables<'_>, rows: &[(JobId, Duration)]) -> Result<()> {
    let mut seqs = seqs::next(t, rows.len()).await?;
    batch::insert(t, &t.shared.batches.kept, rows, |values, (job, keep)| {
        values.add(job.as_uuid()).add(micros(*keep)).add(seqs.next());
    })
    .await
}

pub(super) async fn insert_batch_finished(
    t: &mut MySqlTables<'_>,
    rows: &[(BatchId, Vec<u8>)],
) -> Result<()> {
    let mut seqs = seqs::next(t, rows.len()).await?;
    batch::insert(t, &t.shared.batches.batch_finished, rows, |values, (batch, jobs)| {
        values.add(seqs.next().map(i64::wrapping_neg)).add(batch.as_uuid()).add(jobs.as_slice());
    })
    .await
}

pub(super) async fn insert_expiry(
    t: &mut MySqlTables<'_>,
    rows: &[(JobId, Duration)],
) -> Result<()> {
    batch::insert(t, &t.shared.batches.expiry, rows, |values, (job, keep)| {
        values.add(job.as_uuid()).add(micros(*keep));
    })
    .await
}
