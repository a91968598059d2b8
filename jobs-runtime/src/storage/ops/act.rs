//! What people and programs do to a stored job, each conditional on the state that they saw.

use std::borrow::Cow;

use super::Effects;
use super::count::Shift;
use super::delete::{self, Leaving};
use super::place::{Return, clock_for, is_due, line_up};
use super::reopen::reopen;
use super::retain::Retention;
use super::settle::settle;
use super::start::start_children;
use crate::job::{BatchId, JobId, Overrides, State};
use crate::request::HandOver;
use crate::storage::batches::Class;
use crate::storage::model::{
    Count, Due, Event, EventRow, Hold, Placed, Placement, ScheduleReason, ScheduleRow,
};
use crate::storage::tables::{Result, Tables};

/// What is to be done to a job.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Delete { reason: Cow<'static, str> },
    Requeue,
    Reschedule { due: Due },
}

/// What an action did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Acted {
    /// It was done.
    Done,
    /// Nothing: the job is no longer where the caller saw it, but here.
    MovedOn(Placement),
    /// Nothing: the job's state does not allow it, for this reason.
    Refused(&'static str),
    /// Nothing: there is no such job.
    Gone,
}

pub(crate) async fn act(
    t: &mut impl Tables,
    job: JobId,
    seen: Option<Placement>,
    act: &Act,
    retention: &Retention,
    effects: &mut Effects,
) -> Result<Acted> {
    let Some(placed) = t.placed(&[job], Hold::Move).await?.pop() else { return Ok(Acted::Gone) };
    if seen.is_some_and(|seen| seen != placed.placement) {
        return Ok(Acted::MovedOn(placed.placement));
    }
    match act {
        Act::Delete { reason } => delete(t, placed, reason, retention, effects).await,
        Act::Requeue => place_again(t, placed, Due::Now, Event::Requeued, retention, effects).await,
        Act::Reschedule { due } => {
            place_again(t, placed, *due, Event::Rescheduled, retention, effects).await
        }
    }
}

async fn delete(
    t: &mut impl Tables,
    placed: Placed,
    reason: &str,
    retention: &Retention,
    effects: &mut Effects,
) -> Result<Acted> {
    let from = placed.placement.state;
    if from == State::Deleted {
        return Ok(Acted::Refused("the job is deleted already"));
    }
    // What a waiting job waits for is kept, so that a requeue can bring it back to that.
    if from != State::Awaiting && !t.displace(placed.job, placed.placement).await? {
        return Ok(Acted::MovedOn(placed.placement));
    }
    let batch = batch_of(t, placed.job).await?;
    let leaving = Leaving {
        job: placed.job,
        from,
        reason: reason.to_owned(),
        cause: None,
        failure: None,
        count: placed.count,
        batch,
        keep: retention.deleted,
        server: None,
    };
    let ended = delete::delete(t, vec![leaving]).await?;
    settle(t, ended, retention, effects).await?;
    Ok(Acted::Done)
}

/// Brings a job back to the line or the schedule, from wherever it is.
pub(super) async fn place_again(
    t: &mut impl Tables,
    placed: Placed,
    due: Due,
    event: Event,
    retention: &Retention,
    effects: &mut Effects,
) -> Result<Acted> {
    let from = placed.placement.state;
    let at_once = is_due(due, clock_for(t, &[due]).await?);
    if from == State::Enqueued && at_once {
        return Ok(Acted::Refused("the job is in the line already"));
    }
    let waits = t.awaiting(placed.job).await?;
    if from == State::Awaiting
        && waits.as_ref().is_some_and(|row| row.hand_over != HandOver::Nothing)
    {
        return Ok(Acted::Refused("the job takes the output of a parent that has not ended"));
    }
    let shift = shift_back(t, placed.job, from).await?;
    if !t.displace(placed.job, placed.placement).await? {
        return Ok(Acted::MovedOn(placed.placement));
    }
    if from.is_settled() {
        reopen(t, vec![placed.job], shift.into_iter().collect(), retention).await?;
    }
    let waits = waits.filter(|_| from == State::Deleted);
    if let Some(row) = waits {
        note(t, placed.job, event, from, State::Awaiting, "requeued".into()).await?;
        if row.pending <= 0 {
            start_children(t, &[row], effects).await?;
        }
        return Ok(Acted::Done);
    }
    let count = Count { run: placed.count.run, charged: 0 };
    let to = if at_once {
        line_up(t, vec![Return::to_end(placed.job, count)], effects).await?;
        State::Enqueued
    } else {
        effects.scheduled = true;
        let reason = ScheduleReason::Delayed;
        t.insert_schedule(&[ScheduleRow { job: placed.job, due, count, reason }]).await?;
        State::Scheduled
    };
    note(t, placed.job, event, from, to, "by request".into()).await?;
    Ok(Acted::Done)
}

/// What the return of a settled job means for its batch, if it is in one.
async fn shift_back(t: &mut impl Tables, job: JobId, from: State) -> Result<Option<Shift>> {
    if !from.is_settled() {
        return Ok(None);
    }
    let Some(batch) = batch_of(t, job).await? else { return Ok(None) };
    let caused = from == State::Deleted && !t.caused(&[job]).await?.is_empty();
    Ok(Some(Shift { batch, from: Class::of_job(from, caused), to: Class::Pending }))
}

async fn batch_of(t: &mut impl Tables, job: JobId) -> Result<Option<BatchId>> {
    let record = t.jobs(&[job]).await?.pop();
    Ok(record.and_then(|record| Overrides::of(record.options.as_deref()).batch))
}

async fn note(
    t: &mut impl Tables,
    job: JobId,
    event: Event,
    from: State,
    to: State,
    reason: Cow<'static, str>,
) -> Result<()> {
    t.insert_events(&[EventRow { job, event, from, to, reason, server: None }]).await
}
