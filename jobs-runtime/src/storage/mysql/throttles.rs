//! Throttles, their slots, and the jobs that wait for them.

use std::collections::HashMap;

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::mysql::MySqlRow;

use super::tables::MySqlTables;
use super::values::{hex_of, ids_json, json, micros, priority_of, rank, to_micros};
use super::{batch, lines, seqs};
use crate::job::JobId;
use crate::storage::model::{Count, LineRow, Member};
use crate::storage::packing::pack_members;
use crate::storage::rows::Columns;
use crate::storage::tables::Result;
use crate::storage::throttles::{Declared, Passed, SlotRow, ThrottleRow, WaitRow};

pub(super) async fn lock_throttles(
    t: &mut MySqlTables<'_>,
    wanted: &[Declared],
) -> Result<Vec<ThrottleRow>> {
    let names: Vec<(&str, &str)> =
        wanted.iter().map(|wanted| (wanted.scope.as_str(), wanted.key.as_str())).collect();
    let names = json(&names);
    let throttles: Vec<ThrottleRow> = t.read_of(&t.sql.lock_throttles, &names).await?;
    if throttles.len() == wanted.len() {
        return Ok(throttles);
    }
    batch::insert(t, &t.shared.batches.throttles, wanted, |values, wanted| {
        values.add(wanted.scope.as_str()).add(wanted.key.as_str());
        values.add(wanted.measure as i16).add(wanted.limit).add(micros(wanted.per));
    })
    .await?;
    t.read_of(&t.sql.lock_throttles, &names).await
}

pub(super) async fn lock_throttle_ids(
    t: &mut MySqlTables<'_>,
    ids: &[i64],
) -> Result<Vec<ThrottleRow>> {
    // Rows are locked as they are found, whatever the order of the answer.
    let mut names: Vec<(String, String, i64)> =
        t.read_of(&t.sql.throttle_names, &json(ids)).await?;
    names.sort_unstable();
    let ids: Vec<i64> = names.into_iter().map(|(.., id)| id).collect();
    t.read_of(&t.sql.lock_throttle_ids, &json(&ids)).await
}

pub(super) async fn find_throttle(
    t: &mut MySqlTables<'_>,
    key: &str,
) -> Result<Option<ThrottleRow>> {
    Ok(t.read_of(&t.sql.lock_throttles, &json(&[("", key)])).await?.pop())
}

pub(super) async fn lock_due_throttles(
    t: &mut MySqlTables<'_>,
    turns: bool,
    limit: u32,
) -> Result<Vec<ThrottleRow>> {
    let query = t.query(&t.sql.lock_due_throttles).bind(turns).bind(limit);
    t.read(query).await
}

pub(super) async fn next_call(t: &mut MySqlTables<'_>) -> Result<Option<Duration>> {
    Ok(t.read_one(t.query(&t.sql.next_call)).await?.flatten())
}

pub(super) async fn save_throttles(t: &mut MySqlTables<'_>, rows: &[ThrottleRow]) -> Result<()> {
    let time = |at: Option<DateTime<Utc>>| at.map(to_micros);
    let row = |row: &ThrottleRow| {
        let declared = &row.declared;
        (
            row.id,
            declared.measure as i16,
            declared.limit,
            micros(declared.per),
            row.own_limit,
            row.used,
            row.tokens,
            time(row.window_at),
            row.called,
            time(row.called_at),
            time(row.wake_at),
            to_micros(row.touched_at),
        )
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    t.execute_of(&t.sql.save_throttles, &json(&rows)).await?;
    Ok(())
}

pub(super) async fn passed(
    t: &mut MySqlTables<'_>,
    since: &[(i64, DateTime<Utc>)],
) -> Result<Vec<Passed>> {
    let since: Vec<(i64, i64)> = since.iter().map(|(id, after)| (*id, to_micros(*after))).collect();
    t.read_of(&t.sql.passed, &json(&since)).await
}

pub(super) async fn insert_admissions(
    t: &mut MySqlTables<'_>,
    counts: &[(i64, i64)],
    at: DateTime<Utc>,
) -> Result<()> {
    batch::insert(t, &t.shared.batches.admissions, counts, |values, (throttle, count)| {
        values.add(*throttle).add(to_micros(at)).add(*count);
    })
    .await
}

pub(super) async fn prune_admissions(
    t: &mut MySqlTables<'_>,
    throttle: i64,
    before: DateTime<Utc>,
) -> Result<()> {
    let query = t.query(&t.sql.prune_admissions).bind(throttle).bind(to_micros(before));
    t.execute(query).await?;
    Ok(())
}

pub(super) async fn insert_slots(t: &mut MySqlTables<'_>, rows: &[SlotRow]) -> Result<()> {
    batch::insert(t, &t.shared.batches.slots, rows, |values, row| {
        values.add(row.lease).add(row.job.as_uuid()).add(row.throttle);
    })
    .await
}

pub(super) async fn free_slots(t: &mut MySqlTables<'_>, runs: &[(i64, JobId)]) -> Result<Vec<i64>> {
    let mut runs: Vec<(i64, String)> =
        runs.iter().map(|(lease, job)| (*lease, hex_of(*job))).collect();
    runs.sort_unstable();
    let runs = json(&runs);
    let throttles: Vec<i64> = t.read_of(&t.sql.lock_slots, &runs).await?;
    if !throttles.is_empty() {
        t.execute_of(&t.sql.delete_slots, &runs).await?;
    }
    Ok(throttles)
}

pub(super) async fn free_slots_of(t: &mut MySqlTables<'_>, leases: &[i64]) -> Result<Vec<i64>> {
    let mut leases = leases.to_vec();
    leases.sort_unstable();
    let leases = json(&leases);
    let throttles: Vec<i64> = t.read_of(&t.sql.lock_slots_of, &leases).await?;
    if !throttles.is_empty() {
        t.execute_of(&t.sql.delete_slots_of, &leases).await?;
    }
    Ok(throttles)
}

pub(super) async fn move_slots(
    t: &mut MySqlTables<'_>,
    job: JobId,
    from: i64,
    to: i64,
) -> Result<()> {
    let query = t.query(&t.sql.move_slots).bind(to).bind(from).bind(job.as_uuid());
    t.execute(query).await?;
    Ok(())
}

pub(super) async fn count_slots(t: &mut MySqlTables<'_>, throttle: i64) -> Result<i64> {
    let lost = t.query(&t.sql.lock_lost_slots).bind(throttle);
    let lost: Vec<(i64, JobId)> = t.read(lost).await?;
    if !lost.is_empty() {
        let lost: Vec<(i64, String)> =
            lost.into_iter().map(|(lease, job)| (lease, hex_of(job))).collect();
        t.execute_of(&t.sql.delete_slots, &json(&lost)).await?;
    }
    let count = t.query(&t.sql.count_slots).bind(throttle);
    Ok(t.read_one(count).await?.unwrap_or(0))
}

pub(super) async fn insert_waiting(t: &mut MySqlTables<'_>, rows: &[WaitRow]) -> Result<()> {
    let ends = rows.iter().filter(|row| row.line.seq.is_none()).count();
    let mut end = seqs::next(t, ends).await?;
    batch::insert(t, &t.shared.batches.waiting, rows, |values, WaitRow { throttle, line }| {
        let seq = line.seq.or_else(|| end.next());
        values.add(line.job.as_uuid()).add(*throttle).add(line.queue.as_str());
        values.add(rank(line.priority)).add(seq).add(line.kind.as_str());
        values.add(line.count.run).add(line.count.charged).add(line.solo);
    })
    .await
}

pub(super) async fn take_waiting(
    t: &mut MySqlTables<'_>,
    throttle: i64,
    limit: u32,
) -> Result<Vec<LineRow>> {
    let query = t.query(&t.sql.lock_first_waiting).bind(throttle).bind(limit);
    let rows = t.rows(query).await?;
    let mut rows = rows.iter().map(line_row).collect::<Result<Vec<LineRow>>>()?;
    if rows.is_empty() {
        return Ok(rows);
    }
    let ids: Vec<JobId> = rows.iter().map(|row| row.job).collect();
    t.execute_of(&t.sql.delete_waiting, &ids_json(&ids)).await?;
    let records = lines::jobs(t, &ids).await?.into_iter();
    let mut options: HashMap<JobId, Option<String>> =
        records.map(|record| (record.id, record.options)).collect();
    for row in &mut rows {
        row.options = options.remove(&row.job).flatten();
    }
    Ok(rows)
}

fn line_row(row: &MySqlRow) -> Result<LineRow> {
    Ok(LineRow {
        job: row.get(0)?,
        queue: row.get(1)?,
        priority: priority_of(row.get(2)?),
        seq: Some(row.get(3)?),
        kind: row.get(4)?,
        count: Count { run: row.get(5)?, charged: row.get(6)? },
        solo: row.get(7)?,
        options: None,
        due: None,
    })
}

pub(super) async fn waits(t: &mut MySqlTables<'_>, throttle: i64) -> Result<Option<bool>> {
    let query = t.query(&t.sql.waits).bind(throttle).bind(throttle);
    let Some(row) = t.row(query).await? else { return Ok(None) };
    Ok(row.get::<bool>(0)?.then_some(row.get(1)?))
}

pub(super) async fn wake_throttles(t: &mut MySqlTables<'_>) -> Result<()> {
    let ids: Vec<i64> = t.read(t.query(&t.sql.throttles_waited_for)).await?;
    if !ids.is_empty() {
        t.execute_of(&t.sql.wake_throttles, &json(&ids)).await?;
    }
    Ok(())
}

pub(super) async fn set_members(
    t: &mut MySqlTables<'_>,
    lease: i64,
    members: &[Member],
) -> Result<()> {
    let query = t.query(&t.sql.set_members).bind(pack_members(members)).bind(lease);
    t.execute(query).await?;
    Ok(())
}

pub(super) async fn line_options(
    t: &mut MySqlTables<'_>,
    queue: &str,
    limit: u32,
) -> Result<Vec<String>> {
    let query = t.query(&t.sql.line_options).bind(queue.to_owned()).bind(limit);
    t.read(query).await
}

pub(super) async fn throttles(t: &mut MySqlTables<'_>) -> Result<Vec<(ThrottleRow, i64)>> {
    t.read(t.query(&t.sql.throttles)).await
}
