//! Throttles, their slots, and the jobs that wait for them. Nothing to lock: whoever writes has the
//! lock of the whole database.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteRow;

use super::batch;
use super::tables::SqliteTables;
use super::values::{duration, hex_of, ids_json, json, micros, priority_of};
use crate::job::JobId;
use crate::storage::model::{Count, LineRow, Member};
use crate::storage::packing::pack_members;
use crate::storage::rows::Columns;
use crate::storage::tables::Result;
use crate::storage::throttles::{Declared, Passed, SlotRow, ThrottleRow, WaitRow};

pub(super) async fn lock_throttles(
    t: &mut SqliteTables<'_>,
    wanted: &[Declared],
) -> Result<Vec<ThrottleRow>> {
    let row = |wanted: &Declared| {
        let (scope, key) = (wanted.scope.clone(), wanted.key.clone());
        (scope, key, wanted.measure as i16, wanted.limit, micros(wanted.per))
    };
    let wanted = json(&wanted.iter().map(row).collect::<Vec<_>>());
    let make = sqlx::query(t.storage.statements.make_throttles.clone());
    let make = make.bind(wanted.clone()).bind(t.clock());
    t.execute(make).await?;
    let named = sqlx::query(t.storage.statements.throttles_named.clone());
    t.read(named.bind(wanted).bind(t.clock())).await
}

pub(super) async fn lock_throttle_ids(
    t: &mut SqliteTables<'_>,
    ids: &[i64],
) -> Result<Vec<ThrottleRow>> {
    let by_id = sqlx::query(t.storage.statements.throttles_by_id.clone());
    t.read(by_id.bind(json(ids)).bind(t.clock())).await
}

pub(super) async fn find_throttle(
    t: &mut SqliteTables<'_>,
    key: &str,
) -> Result<Option<ThrottleRow>> {
    let named = sqlx::query(t.storage.statements.throttles_named.clone());
    t.read_one(named.bind(json(&[("", key)])).bind(t.clock())).await
}

pub(super) async fn lock_due_throttles(
    t: &mut SqliteTables<'_>,
    turns: bool,
    limit: u32,
) -> Result<Vec<ThrottleRow>> {
    let due = sqlx::query(t.storage.statements.due_throttles.clone());
    t.read(due.bind(turns).bind(t.clock()).bind(limit)).await
}

pub(super) async fn next_call(t: &mut SqliteTables<'_>) -> Result<Option<Duration>> {
    let next = sqlx::query(t.storage.statements.next_call.clone());
    let wake_at: Option<i64> = t.read_one(next).await?.flatten();
    Ok(wake_at.map(|at| duration(at.saturating_sub(t.clock()))))
}

pub(super) async fn save_throttles(t: &mut SqliteTables<'_>, rows: &[ThrottleRow]) -> Result<()> {
    let time = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp_micros());
    let row = |row: &ThrottleRow| {
        let declared = &row.declared;
        (
            (row.id, declared.measure as i16, declared.limit, micros(declared.per)),
            (row.own_limit, row.used, row.tokens, time(row.window_at)),
            (row.called, time(row.called_at), time(row.wake_at)),
            row.touched_at.timestamp_micros(),
        )
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    let save = sqlx::query(t.storage.statements.save_throttles.clone()).bind(json(&rows));
    t.execute(save).await?;
    Ok(())
}

pub(super) async fn passed(
    t: &mut SqliteTables<'_>,
    since: &[(i64, DateTime<Utc>)],
) -> Result<Vec<Passed>> {
    let since: Vec<(i64, i64)> =
        since.iter().map(|(id, after)| (*id, after.timestamp_micros())).collect();
    t.read_of(&t.storage.statements.passed, json(&since)).await
}

pub(super) async fn insert_admissions(
    t: &mut SqliteTables<'_>,
    counts: &[(i64, i64)],
    at: DateTime<Utc>,
) -> Result<()> {
    let insert = sqlx::query(t.storage.statements.insert_admissions.clone());
    t.execute(insert.bind(json(counts)).bind(at.timestamp_micros())).await?;
    Ok(())
}

pub(super) async fn prune_admissions(
    t: &mut SqliteTables<'_>,
    throttle: i64,
    before: DateTime<Utc>,
) -> Result<()> {
    let prune = sqlx::query(t.storage.statements.prune_admissions.clone());
    t.execute(prune.bind(throttle).bind(before.timestamp_micros())).await?;
    Ok(())
}

pub(super) async fn insert_slots(t: &mut SqliteTables<'_>, rows: &[SlotRow]) -> Result<()> {
    let storage = t.storage;
    batch::insert(t, &storage.batches.slots, rows, |values, row| {
        values.add(row.lease).add(row.job.as_uuid()).add(row.throttle);
    })
    .await
}

pub(super) async fn free_slots(
    t: &mut SqliteTables<'_>,
    runs: &[(i64, JobId)],
) -> Result<Vec<i64>> {
    let runs: Vec<(i64, String)> = runs.iter().map(|(lease, job)| (*lease, hex_of(*job))).collect();
    t.read_of(&t.storage.statements.free_slots, json(&runs)).await
}

pub(super) async fn free_slots_of(t: &mut SqliteTables<'_>, leases: &[i64]) -> Result<Vec<i64>> {
    t.read_of(&t.storage.statements.free_slots_of, json(leases)).await
}

pub(super) async fn move_slots(
    t: &mut SqliteTables<'_>,
    job: JobId,
    from: i64,
    to: i64,
) -> Result<()> {
    let slots = sqlx::query(t.storage.statements.move_slots.clone());
    t.execute(slots.bind(from).bind(job.as_uuid()).bind(to)).await?;
    Ok(())
}

pub(super) async fn count_slots(t: &mut SqliteTables<'_>, throttle: i64) -> Result<i64> {
    let statements = &t.storage.statements;
    t.execute(sqlx::query(statements.free_lost_slots.clone()).bind(throttle)).await?;
    let count = sqlx::query(statements.count_slots.clone()).bind(throttle);
    Ok(t.read_one(count).await?.unwrap_or(0))
}

pub(super) async fn insert_waiting(t: &mut SqliteTables<'_>, rows: &[WaitRow]) -> Result<()> {
    let ends = rows.iter().filter(|row| row.line.seq.is_none()).count();
    let mut end = match ends {
        0 => 0..,
        _ => t.next_seqs(ends).await?..,
    };
    let storage = t.storage;
    batch::insert(t, &storage.batches.waiting, rows, |values, WaitRow { throttle, line }| {
        let seq = line.seq.or_else(|| end.next());
        values.add(line.job.as_uuid()).add(*throttle).add(line.queue.as_str());
        values.add(-i64::from(line.priority)).add(seq).add(line.kind.as_str());
        values.add(line.count.run).add(line.count.charged).add(line.solo);
    })
    .await
}

pub(super) async fn take_waiting(
    t: &mut SqliteTables<'_>,
    throttle: i64,
    limit: u32,
) -> Result<Vec<LineRow>> {
    let statements = &t.storage.statements;
    let rows = t.rows(sqlx::query(statements.waiting.clone()).bind(throttle).bind(limit)).await?;
    let rows = rows.iter().map(line_row).collect::<Result<Vec<LineRow>>>()?;
    if !rows.is_empty() {
        let ids: Vec<JobId> = rows.iter().map(|row| row.job).collect();
        t.execute(sqlx::query(statements.delete_waiting.clone()).bind(ids_json(&ids))).await?;
    }
    Ok(rows)
}

fn line_row(row: &SqliteRow) -> Result<LineRow> {
    Ok(LineRow {
        job: row.get(0)?,
        queue: row.get(1)?,
        priority: priority_of(row.get(2)?),
        seq: row.get(3)?,
        kind: row.get(4)?,
        count: Count { run: row.get(5)?, charged: row.get(6)? },
        solo: row.get(7)?,
        options: row.get(8)?,
        due: None,
    })
}

pub(super) async fn waits(t: &mut SqliteTables<'_>, throttle: i64) -> Result<Option<bool>> {
    let waits = sqlx::query(t.storage.statements.waits.clone()).bind(throttle);
    let Some(row) = t.row(waits).await? else { return Ok(None) };
    Ok(row.get::<bool>(0)?.then_some(row.get(1)?))
}

pub(super) async fn wake_throttles(t: &mut SqliteTables<'_>) -> Result<()> {
    let wake = sqlx::query(t.storage.statements.wake_throttles.clone()).bind(t.clock());
    t.execute(wake).await?;
    Ok(())
}

pub(super) async fn set_members(
    t: &mut SqliteTables<'_>,
    lease: i64,
    members: &[Member],
) -> Result<()> {
    let set = sqlx::query(t.storage.statements.set_members.clone());
    t.execute(set.bind(lease).bind(pack_members(members))).await?;
    Ok(())
}

pub(super) async fn line_options(
    t: &mut SqliteTables<'_>,
    queue: &str,
    limit: u32,
) -> Result<Vec<String>> {
    let options = sqlx::query(t.storage.statements.line_options.clone());
    t.read(options.bind(queue.to_owned()).bind(limit)).await
}

pub(super) async fn throttles(t: &mut SqliteTables<'_>) -> Result<Vec<(ThrottleRow, i64)>> {
    let all = sqlx::query(t.storage.statements.throttles.clone());
    t.read(all.bind("").bind(t.clock())).await
}
