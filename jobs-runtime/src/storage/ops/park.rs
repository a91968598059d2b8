//! Setting jobs aside that no live server knows.

use std::time::Duration;

use super::end::Ended;
use super::retain::Retention;
use super::settle::settle;
use super::{Effects, failure_json};
use crate::job::{FailureKind, JobFailure, JobId, Overrides, State};
use crate::storage::model::{Event, EventRow, FailedReason, FailedRow, Placed, Settled};
use crate::storage::tables::{Result, Tables};

/// Parks up to `limit` jobs whose kind no live server has announced for this long. Gives them.
pub(crate) async fn park_unknown(
    t: &mut impl Tables,
    unseen: Duration,
    limit: u32,
    retention: &Retention,
    effects: &mut Effects,
) -> Result<Vec<JobId>> {
    let mut parked = Vec::new();
    for placed in t.unknown_jobs(unseen, limit).await? {
        if t.displace(placed.job, placed.placement).await? {
            parked.push(placed);
        }
    }
    if parked.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<JobId> = parked.iter().map(|placed| placed.job).collect();
    let mut ended = Vec::with_capacity(parked.len());
    for record in t.jobs(&ids).await? {
        let message = format!("no live server has known the kind `{}` for {unseen:?}", record.kind);
        let failure = JobFailure::new(FailureKind::UnknownKind, message);
        let batch = Overrides::of(record.options.as_deref()).batch;
        ended.push(Ended::new(record.id, Settled::Failed { failure }, batch));
    }
    store(t, &parked, &ended).await?;
    settle(t, ended, retention, effects).await?;
    Ok(ids)
}

async fn store(t: &mut impl Tables, parked: &[Placed], ended: &[Ended]) -> Result<()> {
    let mut failed = Vec::with_capacity(ended.len());
    let mut events = Vec::with_capacity(ended.len());
    for Ended { job, end, .. } in ended {
        let Settled::Failed { failure } = end else { continue };
        let Some(placed) = parked.iter().find(|placed| placed.job == *job) else { continue };
        failed.push(FailedRow {
            job: *job,
            reason: FailedReason::UnknownKind,
            failure: failure_json(failure),
            count: placed.count,
        });
        events.push(EventRow {
            job: *job,
            event: Event::Parked,
            from: placed.placement.state,
            to: State::Failed,
            reason: failure.message.clone().into(),
            server: None,
        });
    }
    t.insert_failed(&failed).await?;
    t.insert_events(&events).await
}
