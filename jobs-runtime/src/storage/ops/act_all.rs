//! The same action on many jobs at once.

use std::collections::HashMap;

use super::Effects;
use super::act::Act;
use super::again::Again;
use super::group::delete_all;
use super::retain::Retention;
use crate::job::{JobId, State};
use crate::storage::model::{Due, Event, Hold, Placed, Placement};
use crate::storage::tables::{Result, Tables};

/// What an action on many jobs did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActedAll {
    /// To how many jobs it was done.
    pub done: usize,
    /// How many were left alone, since they had moved on between the search and the action.
    pub moved_on: usize,
    /// How many were left alone, since their state does not allow it.
    pub refused: usize,
}

impl ActedAll {
    pub(crate) fn add(&mut self, other: Self) {
        self.done += other.done;
        self.moved_on += other.moved_on;
        self.refused += other.refused;
    }
}

/// Acts on those of these jobs that are still where the caller saw them.
pub(crate) async fn act_all(
    t: &mut impl Tables,
    seen: &[(JobId, Placement)],
    act: &Act,
    retention: &Retention,
    effects: &mut Effects,
) -> Result<ActedAll> {
    let found = still_there(t, seen).await?;
    let mut all = ActedAll { moved_on: seen.len() - found.len(), ..ActedAll::default() };
    let (due, event) = match act {
        Act::Requeue => (Due::Now, Event::Requeued),
        Act::Reschedule { due } => (*due, Event::Rescheduled),
        Act::Delete { reason } => {
            let (gone, others): (Vec<Placed>, Vec<Placed>) =
                found.into_iter().partition(|placed| placed.placement.state == State::Deleted);
            let asked = others.len();
            all.refused += gone.len();
            all.done += delete_all(t, others, reason, retention, effects).await?;
            all.moved_on += asked - all.done;
            return Ok(all);
        }
    };
    let again = Again::at(t, due, &found).await?;
    all.add(again.place(t, found, event, retention, effects).await?);
    Ok(all)
}

/// In the order in which they were seen.
async fn still_there(t: &mut impl Tables, seen: &[(JobId, Placement)]) -> Result<Vec<Placed>> {
    let ids: Vec<JobId> = seen.iter().map(|(job, _)| *job).collect();
    let mut placed: HashMap<JobId, Placed> =
        t.placed(&ids, Hold::Move).await?.into_iter().map(|placed| (placed.job, placed)).collect();
    let found = seen
        .iter()
        .filter_map(|(job, seen)| placed.remove(job).filter(|placed| placed.placement == *seen));
    Ok(found.collect())
}
