//! Bringing jobs back to the line or the schedule, from wherever they are.

use std::collections::{HashMap, HashSet};

use super::Effects;
use super::act_all::ActedAll;
use super::count::Shift;
use super::drop::batches_of;
use super::group::note_all;
use super::place::{Return, clock_for, is_due, line_up};
use super::reopen::reopen;
use super::retain::Retention;
use super::start::start_children;
use crate::job::{JobId, State};
use crate::request::HandOver;
use crate::storage::batches::Class;
use crate::storage::model::{AwaitingRow, Count, Due, Event, Placed, ScheduleReason, ScheduleRow};
use crate::storage::tables::{Result, Tables};

/// Jobs that were found in their places, and what they have waited for.
pub(super) struct Again {
    due: Due,
    at_once: bool,
    waits: HashMap<JobId, AwaitingRow>,
}

impl Again {
    /// At this time.
    pub(super) async fn at(t: &mut impl Tables, due: Due, found: &[Placed]) -> Result<Self> {
        let may_wait =
            |placed: &&Placed| matches!(placed.placement.state, State::Awaiting | State::Deleted);
        let jobs: Vec<JobId> = found.iter().filter(may_wait).map(|placed| placed.job).collect();
        let mut waits = HashMap::new();
        if !jobs.is_empty() {
            waits.extend(t.awaiting(&jobs).await?.into_iter().map(|row| (row.job, row)));
        }
        let at_once = is_due(due, clock_for(t, &[due]).await?);
        Ok(Self { due, at_once, waits })
    }

    /// Why this cannot be done to a job in its state.
    pub(super) fn refusal(&self, placed: &Placed) -> Option<&'static str> {
        let takes = |row: &AwaitingRow| row.hand_over != HandOver::Nothing;
        match placed.placement.state {
            State::Enqueued if self.at_once => Some("the job is in the line already"),
            State::Awaiting if self.waits.get(&placed.job).is_some_and(takes) => {
                Some("the job takes the output of a parent that has not ended")
            }
            _ => None,
        }
    }

    /// Places those that may be; others have moved on if they are not in their places any more.
    pub(super) async fn place(
        mut self,
        t: &mut impl Tables,
        found: Vec<Placed>,
        event: Event,
        retention: &Retention,
        effects: &mut Effects,
    ) -> Result<ActedAll> {
        let (refused, found): (Vec<Placed>, Vec<Placed>) =
            found.into_iter().partition(|placed| self.refusal(placed).is_some());
        let mut all = ActedAll { refused: refused.len(), ..ActedAll::default() };
        let mut shifts = shifts_back(t, &found).await?;
        let displaced: HashSet<JobId> = t.displace_all(&found).await?.into_iter().collect();
        all.moved_on = found.len() - displaced.len();
        all.done = displaced.len();
        let placed: Vec<Placed> =
            found.into_iter().filter(|placed| displaced.contains(&placed.job)).collect();
        let settled = placed.iter().filter(|placed| placed.placement.state.is_settled());
        let settled: Vec<JobId> = settled.map(|placed| placed.job).collect();
        shifts.retain(|job, _| displaced.contains(job));
        reopen(t, settled, shifts.into_values().collect(), retention).await?;
        let states: HashMap<JobId, State> =
            placed.iter().map(|placed| (placed.job, placed.placement.state)).collect();
        let from = |job: &JobId| states.get(job).copied().unwrap_or(State::Enqueued);
        self.waits.retain(|job, _| displaced.contains(job) && from(job) == State::Deleted);
        let waiting: Vec<JobId> = self.waits.keys().copied().collect();
        note_all(t, &waiting, event, from, State::Awaiting, "requeued").await?;
        let free: Vec<AwaitingRow> =
            self.waits.values().filter(|row| row.pending <= 0).cloned().collect();
        start_children(t, &free, effects).await?;
        let others: Vec<&Placed> =
            placed.iter().filter(|placed| !self.waits.contains_key(&placed.job)).collect();
        let ids: Vec<JobId> = others.iter().map(|placed| placed.job).collect();
        let to = if self.at_once { State::Enqueued } else { State::Scheduled };
        self.line_up_or_schedule(t, &others, effects).await?;
        note_all(t, &ids, event, from, to, "by request").await?;
        Ok(all)
    }

    async fn line_up_or_schedule(
        &self,
        t: &mut impl Tables,
        jobs: &[&Placed],
        effects: &mut Effects,
    ) -> Result<()> {
        let count = |placed: &Placed| Count { run: placed.count.run, charged: 0 };
        if self.at_once {
            let to_end = |placed: &&Placed| Return::to_end(placed.job, count(placed));
            return line_up(t, jobs.iter().map(to_end).collect(), effects).await;
        }
        if jobs.is_empty() {
            return Ok(());
        }
        effects.scheduled = true;
        let row = |placed: &&Placed| ScheduleRow {
            job: placed.job,
            due: self.due,
            count: count(placed),
            reason: ScheduleReason::Delayed,
        };
        t.insert_schedule(&jobs.iter().map(row).collect::<Vec<_>>()).await
    }
}

/// What the return of settled jobs means for the batches that they are in.
async fn shifts_back(t: &mut impl Tables, found: &[Placed]) -> Result<HashMap<JobId, Shift>> {
    let settled = found.iter().filter(|placed| placed.placement.state.is_settled());
    let states: HashMap<JobId, State> =
        settled.map(|placed| (placed.job, placed.placement.state)).collect();
    if states.is_empty() {
        return Ok(HashMap::new());
    }
    let batches = batches_of(t, &states.keys().copied().collect::<Vec<_>>()).await?;
    let deleted: Vec<JobId> =
        batches.keys().filter(|job| states.get(job) == Some(&State::Deleted)).copied().collect();
    let caused: HashSet<JobId> = match deleted.is_empty() {
        true => HashSet::new(),
        false => t.caused(&deleted).await?.into_iter().collect(),
    };
    let shift = |(job, batch)| {
        let from = Class::of_job(*states.get(&job)?, caused.contains(&job));
        Some((job, Shift { batch, from, to: Class::Pending }))
    };
    Ok(batches.into_iter().filter_map(shift).collect())
}
