//! Where claims begin to search the line.
//!
//! A claimed place is a dead entry at the head of the line's index until a vacuum removes it, and
//! while some transaction is held open none can. Each claim from zero would step over all of
//! them: to drain 400,000 jobs so cost the database four times the work. So a claim begins
//! behind the last place that it has taken of each rank. What may stand before that (committed
//! late, put back, or left by another server) is found by a search from zero: at least each
//! second, and whenever nothing else is found.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::storage::model::ClaimParams;

/// How long claims go on before one begins from zero.
const TRUST: Duration = Duration::from_secs(1);

/// The same, once a claim has found less than it could have taken.
const TRUST_WHEN_SHORT: Duration = Duration::from_millis(100);

/// With more ranks than these in one line, claims begin from zero.
const MOST_RANKS: usize = 16;

/// For each server of this process and each of its queues, where its claims begin.
#[derive(Debug, Default)]
pub(super) struct Floors(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    floors: HashMap<(i64, String), Floor>,
    /// When floors that are no longer trusted were last dropped: at each claim that would be as
    /// much work as there are queues.
    cleaned: Option<Instant>,
}

#[derive(Debug)]
struct Floor {
    /// The last search from zero.
    searched: Instant,
    /// The last place taken of each rank.
    taken: BTreeMap<i16, i64>,
}

/// Parts of a line, in their order: each begins after a place and ends with a rank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) after_ranks: Vec<i16>,
    pub(super) after_seqs: Vec<i64>,
    pub(super) last_ranks: Vec<i16>,
}

impl Parts {
    pub(super) fn whole() -> Self {
        Self::behind(&BTreeMap::new())
    }

    pub(super) fn is_whole(&self) -> bool {
        self.after_ranks.len() == 1
    }

    /// No row has the lowest rank there is, since priorities have no opposite of it.
    fn behind(taken: &BTreeMap<i16, i64>) -> Self {
        let ends = taken.keys().map(|rank| rank.saturating_sub(1)).chain([i16::MAX]);
        let starts = [(&i16::MIN, &-1)].into_iter().chain(taken);
        let mut parts =
            Self { after_ranks: Vec::new(), after_seqs: Vec::new(), last_ranks: Vec::new() };
        for ((rank, seq), end) in starts.zip(ends) {
            parts.after_ranks.push(*rank);
            parts.after_seqs.push(*seq);
            parts.last_ranks.push(end);
        }
        parts
    }
}

impl Floors {
    /// Where this claim is to search.
    pub(super) fn parts(&self, params: &ClaimParams<'_>) -> Parts {
        let known = self.lock();
        let floor = known.floors.get(&(params.server, params.queue.to_owned()));
        match floor.filter(|floor| floor.searched.elapsed() < TRUST) {
            Some(floor) => Parts::behind(&floor.taken),
            None => Parts::whole(),
        }
    }

    /// Notes what a search of these parts has taken: of each job the rank and the place.
    pub(super) fn note(
        &self,
        params: &ClaimParams<'_>,
        parts: &Parts,
        taken: impl ExactSizeIterator<Item = (i16, i64)>,
    ) {
        let key = (params.server, params.queue.to_owned());
        let is_short = taken.len() < params.limit as usize;
        let mut known = self.lock();
        known.clean();
        let floors = &mut known.floors;
        if parts.is_whole() {
            floors.insert(key.clone(), Floor { searched: Instant::now(), taken: BTreeMap::new() });
        }
        let Some(floor) = floors.get_mut(&key) else { return };
        for (rank, seq) in taken {
            let last = floor.taken.entry(rank).or_insert(seq);
            *last = seq.max(*last);
        }
        let is_stale = is_short && floor.searched.elapsed() >= TRUST_WHEN_SHORT;
        if is_stale || floor.taken.len() > MOST_RANKS {
            floors.remove(&key);
        }
    }

    /// Has the next claims of this queue begin from zero.
    pub(super) fn forget(&self, queue: &str) {
        self.lock().floors.retain(|(_, known), _| known != queue);
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // No code that holds it can leave it half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn clean(&mut self) {
        if self.cleaned.is_none_or(|cleaned| cleaned.elapsed() >= TRUST) {
            self.floors.retain(|_, floor| floor.searched.elapsed() < TRUST);
            self.cleaned = Some(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_leave_out_what_was_taken_and_nothing_else() {
        let taken = BTreeMap::from([(-5, 70), (-4, 90), (i16::MAX, 8)]);
        let parts = Parts::behind(&taken);
        let searched = |rank: i16, seq: i64| {
            let parts = parts.after_ranks.iter().zip(&parts.after_seqs).zip(&parts.last_ranks);
            let holds = |((after_rank, after_seq), last): ((&i16, &i64), &i16)| {
                (rank, seq) > (*after_rank, *after_seq) && rank <= *last
            };
            parts.filter(|part| holds(*part)).count()
        };
        for rank in [i16::MIN, -6, -5, -4, -3, 0, i16::MAX - 1, i16::MAX] {
            for seq in [0, 8, 9, 70, 71, 90, 91] {
                let is_taken = taken.get(&rank).is_some_and(|last| seq <= *last);
                assert_eq!(searched(rank, seq), usize::from(!is_taken), "{rank} {seq}");
            }
        }
        assert!(Parts::whole().is_whole() && !parts.is_whole());
    }
}
