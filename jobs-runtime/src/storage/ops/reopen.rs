//! Bringing back what was deleted because of an end that no longer holds.

use std::collections::HashMap;

use super::count::{Shift, count};
use super::retain::Retention;
use crate::job::{BatchId, JobId, State};
use crate::storage::batches::Class;
use crate::storage::model::{Event, EventRow, Hold, Placed};
use crate::storage::ops::drop::batches_of;
use crate::storage::tables::{Result, Tables};

/// Counts what jobs that were settled have come back to, and restores what was deleted because of
/// their ends, or of those of their batches, and what was deleted because of that.
pub(super) async fn reopen(
    t: &mut impl Tables,
    mut parents: Vec<JobId>,
    mut shifts: Vec<Shift>,
    retention: &Retention,
) -> Result<()> {
    let mut touched = Vec::new();
    while !parents.is_empty() || !shifts.is_empty() || !touched.is_empty() {
        let mut next = Vec::new();
        if !parents.is_empty() {
            let children = restore_jobs(t, &parents).await?;
            let batches = batches_of(t, &children).await?;
            shifts.extend(batches.into_values().map(|batch| Shift {
                batch,
                from: Class::Skipped,
                to: Class::Pending,
            }));
            next.extend(children);
            touched.extend(restore_batches(t, &parents).await?);
        }
        if !shifts.is_empty() || !touched.is_empty() {
            let turned = count(t, &shifts, &touched, retention).await?;
            let reopened = turned.iter().filter(|turned| turned.is_reopened());
            next.extend(reopened.map(|turned| turned.row.id.node()));
        }
        (parents, shifts, touched) = (next, Vec::new(), Vec::new());
    }
    Ok(())
}

/// Gives those that await again.
async fn restore_jobs(t: &mut impl Tables, parents: &[JobId]) -> Result<Vec<JobId>> {
    let causes: HashMap<JobId, JobId> = t.deleted_because_of(parents).await?.into_iter().collect();
    if causes.is_empty() {
        return Ok(Vec::new());
    }
    let children: Vec<JobId> = causes.keys().copied().collect();
    let placed: Vec<Placed> = t
        .placed(&children, Hold::Move)
        .await?
        .into_iter()
        .filter(|placed| placed.placement.state == State::Deleted)
        .collect();
    let restored = t.displace_all(&placed).await?;
    let events: Vec<EventRow> = restored
        .iter()
        .filter_map(|job| Some((*job, causes.get(job)?)))
        .map(|(job, parent)| EventRow {
            job,
            event: Event::Restored,
            from: State::Deleted,
            to: State::Awaiting,
            reason: format!("its parent {parent} was requeued").into(),
            server: None,
        })
        .collect();
    if !events.is_empty() {
        t.insert_events(&events).await?;
    }
    Ok(restored)
}

async fn restore_batches(t: &mut impl Tables, parents: &[JobId]) -> Result<Vec<BatchId>> {
    let batches = t.dropped_batches(parents).await?;
    if batches.is_empty() {
        return Ok(batches);
    }
    let mut rows = t.lock_batches(&batches).await?;
    for row in &mut rows {
        row.cause = None;
    }
    t.save_batches(&rows).await?;
    Ok(batches)
}
