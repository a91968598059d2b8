//! Throttles, their slots, and the jobs that wait for them.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::tables::{CHUNK, PostgresTables};
use super::values::{job_id, micros, rank, uuids};
use crate::job::JobId;
use crate::storage::model::{Count, LineRow, Member};
use crate::storage::packing::pack_members;
use crate::storage::tables::Result;
use crate::storage::throttles::{Declared, Passed, SlotRow, ThrottleRow, WaitRow};

pub(super) async fn lock_throttles(
    t: &mut PostgresTables<'_>,
    wanted: &[Declared],
) -> Result<Vec<ThrottleRow>> {
    let each = wanted.iter();
    let scopes: Vec<&str> = each.clone().map(|wanted| wanted.scope.as_str()).collect();
    let keys: Vec<&str> = each.clone().map(|wanted| wanted.key.as_str()).collect();
    let lock = |t: &PostgresTables<'_>| t.query(&t.sql.lock_throttles).bind(&scopes).bind(&keys);
    let throttles: Vec<ThrottleRow> = t.read(lock(t)).await?;
    if throttles.len() == wanted.len() {
        return Ok(throttles);
    }
    let make = t
        .query(&t.sql.make_throttles)
        .bind(&scopes)
        .bind(&keys)
        .bind(each.clone().map(|wanted| wanted.measure as i16).collect::<Vec<i16>>())
        .bind(each.clone().map(|wanted| wanted.limit).collect::<Vec<i64>>())
        .bind(each.map(|wanted| micros(wanted.per)).collect::<Vec<i64>>());
    make.execute(&mut *t.conn).await?;
    t.read(lock(t)).await
}

pub(super) async fn lock_throttle_ids(
    t: &mut PostgresTables<'_>,
    ids: &[i64],
) -> Result<Vec<ThrottleRow>> {
    let query = t.query(&t.sql.lock_throttle_ids).bind(ids);
    t.read(query).await
}

pub(super) async fn find_throttle(
    t: &mut PostgresTables<'_>,
    key: &str,
) -> Result<Option<ThrottleRow>> {
    let query = t.query(&t.sql.lock_throttles).bind([""]).bind([key]);
    t.read_one(query).await
}

pub(super) async fn lock_due_throttles(
    t: &mut PostgresTables<'_>,
    turns: bool,
    limit: u32,
) -> Result<Vec<ThrottleRow>> {
    let query = t.query(&t.sql.lock_due_throttles).bind(turns).bind(i64::from(limit));
    t.read(query).await
}

pub(super) async fn next_call(t: &mut PostgresTables<'_>) -> Result<Option<Duration>> {
    t.read_one(t.query(&t.sql.next_call)).await
}

pub(super) async fn save_throttles(t: &mut PostgresTables<'_>, rows: &[ThrottleRow]) -> Result<()> {
    let mut rows: Vec<&ThrottleRow> = rows.iter().collect();
    rows.sort_unstable_by_key(|row| row.id);
    let each = rows.iter();
    let declared = each.clone().map(|row| &row.declared);
    let query = t
        .query(&t.sql.save_throttles)
        .bind(each.clone().map(|row| row.id).collect::<Vec<i64>>())
        .bind(declared.clone().map(|declared| declared.measure as i16).collect::<Vec<i16>>())
        .bind(declared.clone().map(|declared| declared.limit).collect::<Vec<i64>>())
        .bind(declared.map(|declared| micros(declared.per)).collect::<Vec<i64>>())
        .bind(each.clone().map(|row| row.own_limit).collect::<Vec<Option<i64>>>())
        .bind(each.clone().map(|row| row.used).collect::<Vec<i64>>())
        .bind(each.clone().map(|row| row.tokens).collect::<Vec<f64>>())
        .bind(each.clone().map(|row| row.window_at).collect::<Vec<Option<DateTime<Utc>>>>())
        .bind(each.clone().map(|row| row.called).collect::<Vec<i64>>())
        .bind(each.clone().map(|row| row.called_at).collect::<Vec<Option<DateTime<Utc>>>>())
        .bind(each.clone().map(|row| row.wake_at).collect::<Vec<Option<DateTime<Utc>>>>())
        .bind(each.map(|row| row.touched_at).collect::<Vec<DateTime<Utc>>>());
    query.execute(&mut *t.conn).await?;
    Ok(())
}

pub(super) async fn passed(
    t: &mut PostgresTables<'_>,
    since: &[(i64, DateTime<Utc>)],
) -> Result<Vec<Passed>> {
    let (ids, after): (Vec<i64>, Vec<DateTime<Utc>>) = since.iter().copied().unzip();
    let query = t.query(&t.sql.passed).bind(ids).bind(after);
    t.look_up(query).await
}

pub(super) async fn insert_admissions(
    t: &mut PostgresTables<'_>,
    counts: &[(i64, i64)],
    at: DateTime<Utc>,
) -> Result<()> {
    let (ids, counts): (Vec<i64>, Vec<i64>) = counts.iter().copied().unzip();
    let query = t.query(&t.sql.insert_admissions).bind(ids).bind(counts).bind(at);
    query.execute(&mut *t.conn).await?;
    Ok(())
}

pub(super) async fn prune_admissions(
    t: &mut PostgresTables<'_>,
    throttle: i64,
    before: DateTime<Utc>,
) -> Result<()> {
    let query = t.query(&t.sql.prune_admissions).bind(throttle).bind(before);
    query.execute(&mut *t.conn).await?;
    Ok(())
}

pub(super) async fn insert_slots(t: &mut PostgresTables<'_>, rows: &[SlotRow]) -> Result<()> {
    let each = rows.iter();
    let query = t
        .query(&t.sql.insert_slots)
        .bind(each.clone().map(|row| row.lease).collect::<Vec<i64>>())
        .bind(uuids(each.clone().map(|row| &row.job)))
        .bind(each.map(|row| row.throttle).collect::<Vec<i64>>());
    query.execute(&mut *t.conn).await?;
    Ok(())
}

pub(super) async fn free_slots(
    t: &mut PostgresTables<'_>,
    runs: &[(i64, JobId)],
) -> Result<Vec<i64>> {
    let leases: Vec<i64> = runs.iter().map(|(lease, _)| *lease).collect();
    let query =
        t.query(&t.sql.free_slots).bind(leases).bind(uuids(runs.iter().map(|(_, job)| job)));
    t.read(query).await
}

pub(super) async fn free_slots_of(t: &mut PostgresTables<'_>, leases: &[i64]) -> Result<Vec<i64>> {
    let query = t.query(&t.sql.free_slots_of).bind(leases);
    t.read(query).await
}

pub(super) async fn move_slots(
    t: &mut PostgresTables<'_>,
    job: JobId,
    from: i64,
    to: i64,
) -> Result<()> {
    let query = t.query(&t.sql.move_slots).bind(from).bind(job.as_uuid()).bind(to);
    query.execute(&mut *t.conn).await?;
    Ok(())
}

pub(super) async fn count_slots(t: &mut PostgresTables<'_>, throttle: i64) -> Result<i64> {
    let free = t.query(&t.sql.free_lost_slots).bind(throttle);
    free.execute(&mut *t.conn).await?;
    let count = t.query(&t.sql.count_slots).bind(throttle);
    Ok(count.fetch_one(&mut *t.conn).await?.try_get(0)?)
}

pub(super) async fn insert_waiting(t: &mut PostgresTables<'_>, rows: &[WaitRow]) -> Result<()> {
    for rows in rows.chunks(CHUNK) {
        let lines = rows.iter().map(|row| &row.line);
        let query = t
            .query(&t.sql.insert_waiting)
            .bind(uuids(lines.clone().map(|line| &line.job)))
            .bind(rows.iter().map(|row| row.throttle).collect::<Vec<i64>>())
            .bind(lines.clone().map(|line| line.queue.as_str()).collect::<Vec<&str>>())
            .bind(lines.clone().map(|line| rank(line.priority)).collect::<Vec<i16>>())
            .bind(lines.clone().map(|line| line.seq).collect::<Vec<Option<i64>>>())
            .bind(lines.clone().map(|line| line.kind.as_str()).collect::<Vec<&str>>())
            .bind(lines.clone().map(|line| line.count.run).collect::<Vec<i32>>())
            .bind(lines.clone().map(|line| line.count.charged).collect::<Vec<i32>>())
            .bind(lines.map(|line| line.solo).collect::<Vec<bool>>());
        query.execute(&mut *t.conn).await?;
    }
    Ok(())
}

pub(super) async fn take_waiting(
    t: &mut PostgresTables<'_>,
    throttle: i64,
    limit: u32,
) -> Result<Vec<LineRow>> {
    let query = t.query(&t.sql.take_waiting).bind(throttle).bind(i64::from(limit));
    let rows = query.fetch_all(&mut *t.conn).await?;
    let mut rows = rows.iter().map(line_row).collect::<Result<Vec<LineRow>>>()?;
    rows.sort_by_key(|row| (rank(row.priority), row.seq));
    Ok(rows)
}

fn line_row(row: &PgRow) -> Result<LineRow> {
    let rank: i16 = row.try_get(2)?;
    Ok(LineRow {
        job: job_id(row, 0)?,
        queue: row.try_get(1)?,
        priority: rank.saturating_neg(),
        seq: row.try_get(3)?,
        kind: row.try_get(4)?,
        count: Count { run: row.try_get(5)?, charged: row.try_get(6)? },
        solo: row.try_get(7)?,
        options: row.try_get(8)?,
        due: None,
    })
}

pub(super) async fn waits(t: &mut PostgresTables<'_>, throttle: i64) -> Result<Option<bool>> {
    let query = t.query(&t.sql.waits).bind(throttle);
    let row = query.fetch_one(&mut *t.conn).await?;
    Ok(row.try_get::<bool, _>(0)?.then_some(row.try_get(1)?))
}

pub(super) async fn wake_throttles(t: &mut PostgresTables<'_>) -> Result<()> {
    t.query(&t.sql.wake_throttles).execute(&mut *t.conn).await?;
    Ok(())
}

pub(super) async fn set_members(
    t: &mut PostgresTables<'_>,
    lease: i64,
    members: &[Member],
) -> Result<()> {
    let query = t.query(&t.sql.set_members).bind(lease).bind(pack_members(members));
    query.execute(&mut *t.conn).await?;
    Ok(())
}

pub(super) async fn line_options(
    t: &mut PostgresTables<'_>,
    queue: &str,
    limit: u32,
) -> Result<Vec<String>> {
    let query = t.query(&t.sql.line_options).bind(queue).bind(i64::from(limit));
    t.read(query).await
}

pub(super) async fn throttles(t: &mut PostgresTables<'_>) -> Result<Vec<(ThrottleRow, i64)>> {
    t.read(t.query(&t.sql.throttles)).await
}
