//! Jobs that may have killed a process are started one at a time, so that the next death names
//! its killer. One that has ended, or has outlived a heartbeat, lets the next one start.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::storage::Claimed;

#[derive(Default)]
pub(super) struct Solo(Mutex<State>);

#[derive(Default)]
struct State {
    /// The number of the one that is on trial.
    on_trial: Option<u64>,
    trials: u64,
    waiting: VecDeque<Claimed>,
}

impl Solo {
    /// Puts a job on trial if none is; else keeps it until one can be.
    pub(super) fn try_start(&self, claimed: Claimed) -> Option<(Claimed, u64)> {
        let mut state = self.lock();
        if state.on_trial.is_some() {
            state.waiting.push_back(claimed);
            return None;
        }
        state.trials += 1;
        state.on_trial = Some(state.trials);
        Some((claimed, state.trials))
    }

    /// Ends a trial; gives the next job that waits for one.
    pub(super) fn end(&self, trial: u64) -> Option<Claimed> {
        let mut state = self.lock();
        if state.on_trial != Some(trial) {
            return None;
        }
        state.on_trial = None;
        state.waiting.pop_front()
    }

    /// The trial that goes on now.
    pub(super) fn on_trial(&self) -> Option<u64> {
        self.lock().on_trial
    }

    pub(super) fn clear(&self) -> Vec<Claimed> {
        self.lock().waiting.drain(..).collect()
    }

    /// Takes out the waiting jobs that are named.
    pub(super) fn remove(&self, gone: impl Fn(&Claimed) -> bool) -> Vec<Claimed> {
        let mut state = self.lock();
        let waiting = std::mem::take(&mut state.waiting);
        let (out, kept): (VecDeque<_>, _) = waiting.into_iter().partition(|claimed| gone(claimed));
        state.waiting = kept;
        Vec::from(out)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
