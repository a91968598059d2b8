//! Putting jobs into the line, or onto the schedule.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::Effects;
use super::throttles::split_known;
use crate::job::JobId;
use crate::storage::model::{Count, Due, LineRow, ScheduleReason, ScheduleRow};
use crate::storage::tables::{Result, Tables};

/// A known job that is to go back into the line.
pub(super) struct Return {
    pub(super) job: JobId,
    pub(super) count: Count,
    pub(super) solo: bool,
    /// Its former place; `None` for the end of the line.
    pub(super) seq: Option<i64>,
}

impl Return {
    pub(super) fn to_end(job: JobId, count: Count) -> Self {
        Self { job, count, solo: false, seq: None }
    }
}

/// Puts known jobs into the lines of their queues, in this order.
pub(super) async fn line_up(
    t: &mut impl Tables,
    returns: Vec<Return>,
    effects: &mut Effects,
) -> Result<()> {
    if returns.is_empty() {
        return Ok(());
    }
    let ids: Vec<JobId> = returns.iter().map(|row| row.job).collect();
    let mut records: HashMap<_, _> =
        t.jobs(&ids).await?.into_iter().map(|record| (record.id, record)).collect();
    let rows = returns.into_iter().filter_map(|row| {
        let record = records.remove(&row.job)?;
        Some(LineRow {
            job: row.job,
            kind: record.kind,
            queue: record.queue,
            priority: record.priority,
            options: record.options,
            count: row.count,
            solo: row.solo,
            seq: row.seq,
            due: None,
        })
    });
    put(t, rows.collect(), effects).await
}

/// Puts jobs into their lines; those of a key that has enough of them there wait for its turn.
async fn put(t: &mut impl Tables, rows: Vec<LineRow>, effects: &mut Effects) -> Result<()> {
    let (line, waiting) = split_known(t, rows).await?;
    if !waiting.is_empty() {
        t.insert_waiting(&waiting).await?;
    }
    if line.is_empty() {
        return Ok(());
    }
    effects.queues.extend(line.iter().map(|row| row.queue.clone()));
    t.insert_line(&line).await
}

/// Puts known jobs where they belong by their times, in this order.
pub(super) async fn place_by_time(
    t: &mut impl Tables,
    jobs: &[(JobId, Due)],
    effects: &mut Effects,
) -> Result<()> {
    let times: Vec<Due> = jobs.iter().map(|(_, due)| *due).collect();
    let now = clock_for(t, &times).await?;
    let (ready, scheduled): (Vec<_>, Vec<_>) =
        jobs.iter().copied().partition(|(_, due)| is_due(*due, now));
    let to_end = |(job, _): (JobId, Due)| Return::to_end(job, Count::default());
    line_up(t, ready.into_iter().map(to_end).collect(), effects).await?;
    if scheduled.is_empty() {
        return Ok(());
    }
    effects.scheduled = true;
    let row = |(job, due): (JobId, Due)| {
        let (count, reason) = (Count::default(), ScheduleReason::Delayed);
        ScheduleRow { job, due, count, reason }
    };
    let rows: Vec<ScheduleRow> = scheduled.into_iter().map(row).collect();
    t.insert_schedule(&rows).await
}

/// The database's clock, where one of these times has to be held against it: asked for once,
/// however many there are.
pub(super) async fn clock_for(t: &mut impl Tables, times: &[Due]) -> Result<Option<DateTime<Utc>>> {
    match times.iter().any(|due| matches!(due, Due::At(_))) {
        true => t.now().await.map(Some),
        false => Ok(None),
    }
}

/// Whether a job with this time need not be scheduled at all. The clock is that of [`clock_for`].
pub(super) fn is_due(due: Due, now: Option<DateTime<Utc>>) -> bool {
    match due {
        Due::Now => true,
        Due::In(delay) => delay.is_zero(),
        Due::At(instant) => now.is_some_and(|now| instant <= now),
    }
}

/// Moves up to `limit` jobs whose time has come to the ends of their lines. Gives how many.
pub(crate) async fn promote_due(
    t: &mut impl Tables,
    limit: u32,
    effects: &mut Effects,
) -> Result<usize> {
    let rows = t.take_due(limit).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let promoted = rows.len();
    put(t, rows, effects).await?;
    Ok(promoted)
}
