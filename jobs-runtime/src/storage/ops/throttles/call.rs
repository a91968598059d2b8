//! Calling jobs that wait back into their lines, where there is room for them.

use std::time::{Duration, Instant};

use super::gate::Gate;
use super::open::Gates;
use super::turns;
use crate::job::JobId;
use crate::storage::model::LineRow;
use crate::storage::ops::Effects;
use crate::storage::tables::{Result, Tables};
use crate::storage::throttles::{Declared, Measure};

/// Until a job is called again that somebody had locked at this moment.
const LOCKED: Duration = Duration::from_millis(50);

/// For how long at least a sliding limit tells what it has let through.
const SHOWN: Duration = Duration::from_secs(60);

/// How often older ones are removed: between two starts of a quick rate there is no time for it.
const PRUNE_EVERY: Duration = Duration::from_secs(10);

/// Frees the slots of runs that have ended, and calls as many of those that wait.
pub(in crate::storage::ops) async fn release(
    t: &mut impl Tables,
    runs: &[(i64, JobId)],
    effects: &mut Effects,
) -> Result<()> {
    if runs.is_empty() {
        return Ok(());
    }
    let freed = t.free_slots(runs).await?;
    give_back(t, freed, effects).await
}

/// The same for all that is left of leases that are gone.
pub(in crate::storage::ops) async fn release_leases(
    t: &mut impl Tables,
    leases: &[i64],
    effects: &mut Effects,
) -> Result<()> {
    if leases.is_empty() {
        return Ok(());
    }
    let freed = t.free_slots_of(leases).await?;
    give_back(t, freed, effects).await
}

/// Each slot by its throttle.
async fn give_back(t: &mut impl Tables, freed: Vec<i64>, effects: &mut Effects) -> Result<()> {
    if freed.is_empty() {
        return Ok(());
    }
    let mut ids = freed.clone();
    ids.sort_unstable();
    ids.dedup();
    let mut rows = t.lock_throttle_ids(&ids).await?;
    for row in &mut rows {
        let count = freed.iter().filter(|id| **id == row.id).count();
        row.used = (row.used - i64::try_from(count).unwrap_or(i64::MAX)).max(0);
    }
    if rows.iter().all(|row| row.wake_at.is_none()) {
        return t.save_throttles(&rows).await;
    }
    let mut gates = Gates::of(t, rows).await?;
    call(t, &mut gates, effects).await?;
    gates.close(t).await
}

/// Calls at gates whose time to look has come; `turns` are those of keys, which are locked after
/// the others. Gives how many were looked at.
pub(crate) async fn call_due(
    t: &mut impl Tables,
    turns: bool,
    limit: u32,
    effects: &mut Effects,
) -> Result<usize> {
    let rows = t.lock_due_throttles(turns, limit).await?;
    let looked = rows.len();
    let mut gates = Gates::of(t, rows).await?;
    let now = gates.now;
    for gate in gates.iter_mut() {
        match gate.row.declared.measure {
            Measure::Concurrency => gate.row.used = t.count_slots(gate.row.id).await?,
            Measure::Turns => turns::recount(t, gate).await?,
            Measure::Sliding if gate.is_first_in(PRUNE_EVERY) => {
                let keep = gate.row.declared.per.max(SHOWN);
                t.prune_admissions(gate.row.id, now - keep).await?;
            }
            Measure::Sliding | Measure::Fixed | Measure::Bucket => {}
        }
    }
    call(t, &mut gates, effects).await?;
    gates.close(t).await?;
    Ok(looked)
}

/// Calls as many as there is room for at each of these gates, and notes when to look again.
pub(super) async fn call(
    t: &mut impl Tables,
    gates: &mut Gates,
    effects: &mut Effects,
) -> Result<()> {
    let mut called = Vec::new();
    for gate in gates.iter_mut().filter(|gate| gate.waits()) {
        called.extend(call_at(t, gate).await?);
        effects.call_by(gate.wakes_soon().map(|wait| Instant::now() + wait));
    }
    if called.is_empty() {
        return Ok(());
    }
    effects.queues.extend(called.iter().map(|row| row.queue.clone()));
    t.insert_line(&called).await?;
    turns::count_returns(t, gates, &called).await
}

async fn call_at(t: &mut impl Tables, gate: &mut Gate) -> Result<Vec<LineRow>> {
    let free = gate.free();
    if free == 0 {
        gate.set_wake(true);
        return Ok(Vec::new());
    }
    let limit = u32::try_from(free.min(MOST_CALLED)).unwrap_or(u32::MAX);
    let mut rows = t.take_waiting(gate.row.id, limit).await?;
    gate.call(i64::try_from(rows.len()).unwrap_or(i64::MAX));
    if gate.row.declared.measure == Measure::Turns {
        // Its next turn is at the end of the line.
        rows.iter_mut().for_each(|row| row.seq = None);
    }
    if rows.len() == limit as usize {
        gate.set_wake(true);
        return Ok(rows);
    }
    match t.waits(gate.row.id).await? {
        None => gate.set_wake(false),
        Some(true) => gate.set_wake_in(LOCKED),
        Some(false) => gate.set_wake_late(),
    }
    Ok(rows)
}

/// The most that are called at one gate at a time.
const MOST_CALLED: i64 = 2_000;

/// Sets the limit of a throttle, or leaves it to the code again, and calls those who wait.
/// `false` if there is nothing to be left to the code.
pub(crate) async fn set_limit(
    t: &mut impl Tables,
    key: &str,
    limit: Option<i64>,
    effects: &mut Effects,
) -> Result<bool> {
    let rows = match limit {
        None => t.find_throttle(key).await?.into_iter().collect(),
        // Not known yet: the first job that names it says what it limits.
        Some(limit) => {
            let (scope, key) = (String::new(), key.to_owned());
            let (measure, per) = (Measure::Concurrency, Duration::ZERO);
            t.lock_throttles(&[Declared { scope, key, measure, limit, per }]).await?
        }
    };
    let mut gates = Gates::of(t, rows).await?;
    if gates.is_empty() {
        return Ok(false);
    }
    gates.iter_mut().for_each(|gate| gate.row.own_limit = limit);
    call(t, &mut gates, effects).await?;
    gates.close(t).await?;
    Ok(true)
}
