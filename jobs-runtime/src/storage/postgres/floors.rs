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

/// Parts of lines, in their order: each is of one queue, begins after a place and ends with a rank.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Parts {
    /// Which of the queues that were asked for.
    pub(super) queues: Vec<i32>,
    pub(super) after_ranks: Vec<i16>,
    pub(super) after_seqs: Vec<i64>,
    pub(super) last_ranks: Vec<i16>,
}

impl Parts {
    /// All of so many lines.
    pub(super) fn whole(queues: usize) -> Self {
        let mut parts = Self::default();
        (0..queues).for_each(|queue| parts.add(queue, &BTreeMap::new()));
        parts
    }

    /// Whether nothing is left out of the lines of so many queues.
    pub(super) fn is_whole(&self, queues: usize) -> bool {
        self.queues.len() == queues
    }

    /// The line of one queue, but for what stands before these places. No row has the lowest rank
    /// there is, since priorities have no opposite of it.
    fn add(&mut self, queue: usize, taken: &BTreeMap<i16, i64>) {
        let ends = taken.keys().map(|rank| rank.saturating_sub(1)).chain([i16::MAX]);
        let starts = [(&i16::MIN, &-1)].into_iter().chain(taken);
        for ((rank, seq), end) in starts.zip(ends) {
            self.queues.push(i32::try_from(queue).unwrap_or(i32::MAX));
            self.after_ranks.push(*rank);
            self.after_seqs.push(*seq);
            self.last_ranks.push(end);
        }
    }
}

impl Floors {
    /// Where a claim of this server from these queues is to search.
    pub(super) fn parts(&self, server: i64, queues: &[&str]) -> Parts {
        let known = self.lock();
        let mut parts = Parts::default();
        for (number, queue) in queues.iter().enumerate() {
            let floor = known.floors.get(&(server, (*queue).to_owned()));
            match floor.filter(|floor| floor.searched.elapsed() < TRUST) {
                Some(floor) => parts.add(number, &floor.taken),
                None => parts.add(number, &BTreeMap::new()),
            }
        }
        parts
    }

    /// Notes what a search of these parts has taken, in the order of the queues: of each job the
    /// number of its queue, the rank and the place; and whether that was less than it could have
    /// been.
    pub(super) fn note(
        &self,
        server: i64,
        queues: &[&str],
        parts: &Parts,
        is_short: bool,
        taken: impl Iterator<Item = (usize, i16, i64)>,
    ) {
        let mut taken = taken.peekable();
        let mut known = self.lock();
        known.clean();
        let floors = &mut known.floors;
        let mut searched = parts.queues.chunk_by(|one, next| one == next);
        for (number, queue) in queues.iter().enumerate() {
            let key = (server, (*queue).to_owned());
            // A line in one part was searched from its head.
            if searched.next().is_some_and(|parts| parts.len() == 1) {
                let floor = Floor { searched: Instant::now(), taken: BTreeMap::new() };
                floors.insert(key.clone(), floor);
            }
            let Some(floor) = floors.get_mut(&key) else { continue };
            while let Some((_, rank, seq)) = taken.next_if(|(of, ..)| *of <= number) {
                let last = floor.taken.entry(rank).or_insert(seq);
                *last = seq.max(*last);
            }
            let is_stale = is_short && floor.searched.elapsed() >= TRUST_WHEN_SHORT;
            if is_stale || floor.taken.len() > MOST_RANKS {
                floors.remove(&key);
            }
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
        let mut parts = Parts::default();
        parts.add(0, &taken);
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
        assert!(Parts::whole(1).is_whole(1) && !parts.is_whole(1));
        parts.add(1, &BTreeMap::new());
        assert_eq!(parts.queues, [0, 0, 0, 0, 1]);
    }
}
