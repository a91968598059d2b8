//! Nothing is lost: every job whose enqueue returned is stored and has come to an end.

use super::{History, Violation};

pub(super) fn check(history: &History) -> Vec<Violation> {
    let problem = |job| match history.states.get(&job) {
        None => Some(Violation::Lost { job }),
        Some(state) if state.is_settled() => None,
        Some(state) => Some(Violation::Unsettled { job, state: *state }),
    };
    history.stored.iter().filter_map(|stored| problem(stored.job)).collect()
}
