//! Turns: of each key only so many jobs stand in the line of their queue at a time, and the others
//! wait. Whenever jobs of a key are claimed, as many of it are called to the end of the line, so
//! that a key with ten jobs is done after ten turns, whatever the others have.

use super::gate::{Gate, TURN};
use super::open::Gates;
use super::wishes::Wishes;
use crate::storage::model::{LineRow, NewJob};
use crate::storage::tables::{Result, Tables};
use crate::storage::throttles::{Declared, WaitRow};

/// Places of a line that are gone through to count those of a key.
const SEARCHED: u32 = 10_000;

/// A gate that nothing has passed for so long may have counted wrong.
const STILL: chrono::TimeDelta = chrono::TimeDelta::seconds(4);

/// Of new jobs for the line, those that are to wait for a turn of their key, each with its gate.
pub(in crate::storage::ops) async fn split_new(
    t: &mut impl Tables,
    jobs: Vec<NewJob>,
) -> Result<(Vec<NewJob>, Vec<(i64, NewJob)>)> {
    let of = |job: &NewJob| Wishes::turns(job.options.as_deref(), &job.queue);
    split(t, jobs, of).await
}

/// The same of known jobs. One that goes back to its former place keeps it.
pub(in crate::storage::ops) async fn split_known(
    t: &mut impl Tables,
    rows: Vec<LineRow>,
) -> Result<(Vec<LineRow>, Vec<WaitRow>)> {
    let of = |row: &LineRow| Wishes::turns(row.options.as_deref(), &row.queue);
    let turns: Vec<Option<Declared>> = rows.iter().map(of).collect();
    if turns.iter().all(Option::is_none) {
        return Ok((rows, Vec::new()));
    }
    let mut gates = Gates::open(t, turns.iter().flatten().cloned().collect()).await?;
    let (mut line, mut waiting) = (Vec::new(), Vec::new());
    for (row, turns) in rows.into_iter().zip(turns) {
        let gate = turns.and_then(|turns| gates.get(&turns));
        match gate.and_then(|gate| enter(gate, row.seq.is_some())) {
            Some(throttle) => waiting.push(WaitRow { throttle, line: row }),
            None => line.push(row),
        }
    }
    gates.close(t).await?;
    Ok((line, waiting))
}

async fn split<J>(
    t: &mut impl Tables,
    jobs: Vec<J>,
    of: impl Fn(&J) -> Option<Declared>,
) -> Result<(Vec<J>, Vec<(i64, J)>)> {
    let turns: Vec<Option<Declared>> = jobs.iter().map(of).collect();
    if turns.iter().all(Option::is_none) {
        return Ok((jobs, Vec::new()));
    }
    let mut gates = Gates::open(t, turns.iter().flatten().cloned().collect()).await?;
    let (mut line, mut waiting) = (Vec::new(), Vec::new());
    for (job, turns) in jobs.into_iter().zip(turns) {
        let gate = turns.and_then(|turns| gates.get(&turns));
        match gate.and_then(|gate| enter(gate, false)) {
            Some(throttle) => waiting.push((throttle, job)),
            None => line.push(job),
        }
    }
    gates.close(t).await?;
    Ok((line, waiting))
}

/// Takes a place in the line, if the key has one left or the job has one already; else gives the
/// gate at which the job has to wait.
fn enter(gate: &mut Gate, has_place: bool) -> Option<i64> {
    if has_place || (gate.room() > 0 && !gate.waits()) {
        gate.admit();
        return None;
    }
    gate.set_wake(true);
    Some(gate.row.id)
}

/// Counts jobs that other gates have called back to their former places.
pub(super) async fn count_returns(
    t: &mut impl Tables,
    gates: &mut Gates,
    called: &[LineRow],
) -> Result<()> {
    let returned = called.iter().filter(|row| row.seq.is_some());
    let turns: Vec<Declared> =
        returned.filter_map(|row| Wishes::turns(row.options.as_deref(), &row.queue)).collect();
    let (held, others): (Vec<Declared>, Vec<Declared>) =
        turns.into_iter().partition(|turns| gates.get(turns).is_some());
    for turns in &held {
        if let Some(gate) = gates.get(turns) {
            gate.call(1);
        }
    }
    if others.is_empty() {
        return Ok(());
    }
    let mut opened = Gates::open(t, others.clone()).await?;
    for turns in &others {
        if let Some(gate) = opened.get(turns) {
            gate.call(1);
        }
    }
    opened.close(t).await
}

/// Counts the places that a key has in the line anew, if nothing has moved for a while: some may
/// have been deleted or scheduled from there.
pub(super) async fn recount(t: &mut impl Tables, gate: &mut Gate) -> Result<()> {
    if !gate.is_still_for(STILL) || gate.row.used == 0 {
        return Ok(());
    }
    let options = t.line_options(&gate.row.declared.scope, SEARCHED).await?;
    if options.len() >= SEARCHED as usize {
        return Ok(());
    }
    let own = |options: &&String| {
        Wishes::turns(Some(options), &gate.row.declared.scope).as_ref() == Some(&gate.row.declared)
    };
    let count = options.iter().filter(own).count();
    gate.row.used = i64::try_from(count).unwrap_or(TURN);
    Ok(())
}
