//! Letting claimed jobs through their gates, or into the lines of those that have no room.

use std::collections::BTreeMap;

use super::call::call;
use super::gate::Gate;
use super::open::Gates;
use super::wishes::Wishes;
use crate::storage::model::{Claimed, Count, LineRow, Member};
use crate::storage::ops::Effects;
use crate::storage::tables::{Result, Tables};
use crate::storage::throttles::{Declared, Measure, SlotRow, WaitRow};

/// Lets the first `most` of these through, of jobs that have just been claimed in this transaction.
/// Those that have no room wait for it; what is left goes back to its place in the line.
pub(super) async fn admit(
    t: &mut impl Tables,
    claimed: Vec<Claimed>,
    most: usize,
    effects: &mut Effects,
) -> Result<Vec<Claimed>> {
    let wishes: Vec<Option<Wishes>> =
        claimed.iter().map(|job| Wishes::of(job.options.as_deref(), &job.queue)).collect();
    if claimed.len() <= most && wishes.iter().all(Option::is_none) {
        return Ok(claimed);
    }
    let wanted = wishes.iter().flatten();
    let wanted = wanted.flat_map(|wishes| wishes.throttles.iter().chain(&wishes.turns)).cloned();
    let mut gates = Gates::open(t, wanted.collect()).await?;
    let mut sorted = Sorted::default();
    let leases = leases_of(&claimed);
    for (job, wishes) in claimed.into_iter().zip(wishes) {
        sorted.sort(job, wishes.unwrap_or_default(), most, &mut gates);
    }
    sorted.write(t, leases).await?;
    call(t, &mut gates, effects).await?;
    gates.close(t).await?;
    Ok(sorted.admitted)
}

/// How many members each lease has.
fn leases_of(claimed: &[Claimed]) -> BTreeMap<i64, usize> {
    let mut leases = BTreeMap::new();
    for job in claimed {
        *leases.entry(job.lease).or_default() += 1;
    }
    leases
}

#[derive(Default)]
struct Sorted {
    admitted: Vec<Claimed>,
    slots: Vec<SlotRow>,
    waiting: Vec<WaitRow>,
    back: Vec<LineRow>,
}

impl Sorted {
    fn sort(&mut self, job: Claimed, wishes: Wishes, most: usize, gates: &mut Gates) {
        // One that is past its deadline is not started.
        let throttles = if job.expired { Vec::new() } else { wishes.throttles };
        let is_full =
            |declared: &&Declared| gates.get(declared).is_some_and(|gate| gate.room() == 0);
        if let Some(full) = throttles.iter().find(is_full) {
            for declared in &throttles {
                gates.get(declared).into_iter().for_each(Gate::miss);
            }
            if let Some(gate) = gates.get(full) {
                self.waiting.push(WaitRow { throttle: gate.row.id, line: line_of(&job) });
                gate.set_wake(true);
            }
        } else if self.admitted.len() == most {
            self.back.push(line_of(&job));
            return;
        } else {
            self.take(&job, &throttles, gates);
            self.admitted.push(job);
        }
        if let Some(gate) = wishes.turns.and_then(|turns| gates.get(&turns)) {
            gate.leave(1);
        }
    }

    fn take(&mut self, job: &Claimed, throttles: &[Declared], gates: &mut Gates) {
        for declared in throttles {
            let Some(gate) = gates.get(declared) else { continue };
            gate.admit();
            if declared.measure == Measure::Concurrency {
                self.slots.push(SlotRow { throttle: gate.row.id, lease: job.lease, job: job.id });
            }
        }
    }

    async fn write(&self, t: &mut impl Tables, leases: BTreeMap<i64, usize>) -> Result<()> {
        let mut empty = Vec::new();
        for (lease, members) in leases {
            let stay: Vec<Member> =
                self.admitted.iter().filter(|job| job.lease == lease).map(member_of).collect();
            match stay.len() {
                0 => empty.push(lease),
                left if left < members => t.set_members(lease, &stay).await?,
                _ => {}
            }
        }
        t.delete_leases(&empty).await?;
        if !self.back.is_empty() {
            t.insert_line(&self.back).await?;
        }
        if !self.waiting.is_empty() {
            t.insert_waiting(&self.waiting).await?;
        }
        match self.slots.is_empty() {
            true => Ok(()),
            false => t.insert_slots(&self.slots).await,
        }
    }
}

fn member_of(job: &Claimed) -> Member {
    Member { job: job.id, seq: job.seq, count: count_of(job) }
}

fn count_of(job: &Claimed) -> Count {
    Count { run: job.run, charged: i32::try_from(job.charged).unwrap_or(i32::MAX) }
}

/// The place from which it was claimed.
fn line_of(job: &Claimed) -> LineRow {
    LineRow {
        job: job.id,
        kind: job.kind.clone(),
        queue: job.queue.to_string(),
        priority: job.priority,
        options: job.options.clone(),
        count: count_of(job),
        solo: job.solo,
        seq: Some(job.seq),
        due: None,
    }
}
