//! Throttles, their slots, and the jobs that wait for them. Nothing to lock: whoever writes has the
//! lock of the whole database.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteRow;

use super::batch;
use super::tables::SqliteTables;
use super::values::{
    damaged, duration, get, get_id, get_instant, get_optional_instant, hex_of, ids_json, instant,
    json, micros, priority_of,
};
use crate::job::JobId;
use crate::storage::model::{Count, LineRow, Member};
use crate::storage::packing::pack_members;
use crate::storage::tables::Result;
use crate::storage::throttles::{Declared, Measure, Passed, SlotRow, ThrottleRow, WaitRow};

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
    let rows = t.rows_of(&t.storage.statements.throttles_named, wanted).await?;
    let now = t.clock();
    rows.iter().map(|row| throttle(row, now)).collect()
}

pub(super) async fn lock_throttle_ids(
    t: &mut SqliteTables<'_>,
    ids: &[i64],
) -> Result<Vec<ThrottleRow>> {
    let rows = t.rows_of(&t.storage.statements.throttles_by_id, json(ids)).await?;
    let now = t.clock();
    rows.iter().map(|row| throttle(row, now)).collect()
}

pub(super) async fn find_throttle(
    t: &mut SqliteTables<'_>,
    key: &str,
) -> Result<Option<ThrottleRow>> {
    let rows = t.rows_of(&t.storage.statements.throttles_named, json(&[("", key)])).await?;
    let now = t.clock();
    rows.first().map(|row| throttle(row, now)).transpose()
}

pub(super) async fn lock_due_throttles(
    t: &mut SqliteTables<'_>,
    turns: bool,
    limit: u32,
) -> Result<Vec<ThrottleRow>> {
    let due = sqlx::query(t.storage.statements.due_throttles.clone());
    let now = t.clock();
    let rows = t.rows(due.bind(now).bind(turns).bind(limit)).await?;
    rows.iter().map(|row| throttle(row, now)).collect()
}

pub(super) async fn next_call(t: &mut SqliteTables<'_>) -> Result<Option<Duration>> {
    let next = sqlx::query(t.storage.statements.next_call.clone());
    let Some(row) = t.row(next).await? else { return Ok(None) };
    let wake_at: Option<i64> = get(&row, 0)?;
    Ok(wake_at.map(|at| duration(at.saturating_sub(t.clock()))))
}

fn throttle(row: &SqliteRow, now: i64) -> Result<ThrottleRow> {
    let code = get(row, 3)?;
    let measure = Measure::from_code(code).ok_or_else(|| damaged("kind of a throttle", code))?;
    Ok(ThrottleRow {
        id: get(row, 0)?,
        declared: Declared {
            scope: get(row, 1)?,
            key: get(row, 2)?,
            measure,
            limit: get(row, 4)?,
            per: duration(get(row, 6)?),
        },
        own_limit: get(row, 5)?,
        used: get(row, 7)?,
        tokens: get(row, 8)?,
        window_at: get_optional_instant(row, 9)?,
        called: get(row, 10)?,
        called_at: get_optional_instant(row, 11)?,
        wake_at: get_optional_instant(row, 12)?,
        touched_at: get_instant(row, 13)?,
        read_at: instant(now)?,
    })
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
    let rows = t.rows_of(&t.storage.statements.passed, json(&since)).await?;
    let passed = |row: &SqliteRow| {
        Ok(Passed { throttle: get(row, 0)?, count: get(row, 1)?, oldest: get_instant(row, 2)? })
    };
    rows.iter().map(passed).collect()
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
    let rows = t.rows_of(&t.storage.statements.free_slots, json(&runs)).await?;
    rows.iter().map(|row| get(row, 0)).collect()
}

pub(super) async fn free_slots_of(t: &mut SqliteTables<'_>, leases: &[i64]) -> Result<Vec<i64>> {
    let rows = t.rows_of(&t.storage.statements.free_slots_of, json(leases)).await?;
    rows.iter().map(|row| get(row, 0)).collect()
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
    t.row(count).await?.map_or(Ok(0), |row| get(&row, 0))
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
        job: get_id(row, 0)?,
        queue: get(row, 1)?,
        priority: priority_of(get(row, 2)?),
        seq: get(row, 3)?,
        kind: get(row, 4)?,
        count: Count { run: get(row, 5)?, charged: get(row, 6)? },
        solo: get(row, 7)?,
        options: get(row, 8)?,
        due: None,
    })
}

pub(super) async fn waits(t: &mut SqliteTables<'_>, throttle: i64) -> Result<Option<bool>> {
    let waits = sqlx::query(t.storage.statements.waits.clone()).bind(throttle);
    let Some(row) = t.row(waits).await? else { return Ok(None) };
    Ok(get::<_, bool>(&row, 0)?.then_some(get(&row, 1)?))
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
    let rows = t.rows(options.bind(queue.to_owned()).bind(limit)).await?;
    rows.iter().map(|row| get(row, 0)).collect()
}

pub(super) async fn throttles(t: &mut SqliteTables<'_>) -> Result<Vec<(ThrottleRow, i64)>> {
    let rows = t.rows(sqlx::query(t.storage.statements.throttles.clone())).await?;
    let now = t.clock();
    rows.iter().map(|row| Ok((throttle(row, now)?, get(row, 14)?))).collect()
}
