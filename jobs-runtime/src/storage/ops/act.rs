//! What people and programs do to a stored job, each conditional on the state that they saw.

use std::borrow::Cow;

use super::Effects;
use super::again::Again;
use super::delete::{self, Leaving};
use super::retain::Retention;
use super::settle::settle;
use crate::job::{BatchId, JobId, Overrides, State};
use crate::storage::model::{Due, Event, Hold, Placed, Placement};
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
        Act::Requeue => again(t, placed, Due::Now, Event::Requeued, retention, effects).await,
        Act::Reschedule { due } => {
            again(t, placed, *due, Event::Rescheduled, retention, effects).await
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

async fn again(
    t: &mut impl Tables,
    placed: Placed,
    due: Due,
    event: Event,
    retention: &Retention,
    effects: &mut Effects,
) -> Result<Acted> {
    let place = placed.placement;
    let found = vec![placed];
    let again = Again::at(t, due, &found).await?;
    if let Some(why) = found.first().and_then(|placed| again.refusal(placed)) {
        return Ok(Acted::Refused(why));
    }
    let all = again.place(t, found, event, retention, effects).await?;
    Ok(if all.done > 0 { Acted::Done } else { Acted::MovedOn(place) })
}

async fn batch_of(t: &mut impl Tables, job: JobId) -> Result<Option<BatchId>> {
    let record = t.jobs(&[job]).await?.pop();
    Ok(record.and_then(|record| Overrides::of(record.options.as_deref()).batch))
}
