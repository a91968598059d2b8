//! The jobs that were claimed ahead of the workers.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::pace::Pace;
use crate::storage::{Claimed, is_gated};

/// A queue between the fetcher and the workers, as long as the workers need for the next tenth of
/// a second at the rate at which they start jobs. Slow jobs are thus hardly claimed ahead, and
/// stay in the line for servers that have a free worker.
pub(super) struct Buffer {
    state: Mutex<State>,
    idle: AtomicUsize,
    /// A job has come.
    filled: Notify,
    /// A worker is idle, or the buffer is half empty.
    pub(super) hungry: Notify,
}

struct State {
    jobs: VecDeque<Claimed>,
    /// Jobs that are on their way in.
    promised: usize,
    /// The length at which the fetcher is told.
    low: usize,
    pace: Pace,
    /// When a job was last taken out, or put in while there was none.
    taken_at: Instant,
}

impl Buffer {
    pub(super) fn new(workers: usize) -> Self {
        let now = Instant::now();
        let state = State {
            jobs: VecDeque::new(),
            promised: 0,
            low: 0,
            pace: Pace::new(workers, now),
            taken_at: now,
        };
        Self {
            state: Mutex::new(state),
            idle: AtomicUsize::new(0),
            filled: Notify::new(),
            hungry: Notify::new(),
        }
    }

    /// The next job, as soon as there is one, and when it was taken; for a worker whose last job
    /// took so long.
    pub(super) async fn next(&self, took: Option<Duration>) -> (Claimed, Instant) {
        if let Some(next) = self.pop(took) {
            return next;
        }
        let _idle = Idle::new(self);
        loop {
            let filled = self.filled.notified();
            if let Some(next) = self.pop(None) {
                // One notification stands for any number of jobs: pass it on.
                self.pass_on();
                return next;
            }
            self.hungry.notify_one();
            filled.await;
        }
    }

    fn pop(&self, took: Option<Duration>) -> Option<(Claimed, Instant)> {
        let mut state = self.lock();
        if let Some(took) = took {
            state.pace.ended(took);
        }
        let job = state.jobs.pop_front()?;
        state.pace.started();
        let now = Instant::now();
        state.taken_at = now;
        let hungry = state.jobs.len() == state.low;
        drop(state);
        if hungry {
            self.hungry.notify_one();
        }
        Some((job, now))
    }

    fn pass_on(&self) {
        if !self.lock().jobs.is_empty() {
            self.filled.notify_one();
        }
    }

    pub(super) fn push(&self, jobs: impl IntoIterator<Item = Claimed>) {
        let mut state = self.lock();
        if state.jobs.is_empty() {
            state.taken_at = Instant::now();
        }
        state.jobs.extend(jobs);
        drop(state);
        self.filled.notify_one();
    }

    /// Promises the jobs that are wanted now: for each idle worker one, and so many ahead as will
    /// be started soon.
    pub(super) fn wanted(self: &Arc<Self>) -> Option<Promise> {
        let idle = self.idle.load(Ordering::Acquire);
        let mut state = self.lock();
        let ahead = state.pace.ahead(Instant::now());
        state.low = ahead - ahead / 4;
        let coming = state.jobs.len() + state.promised;
        if coming > state.low {
            return None;
        }
        let jobs = (idle + ahead).checked_sub(coming).filter(|jobs| *jobs > 0)?;
        state.promised += jobs;
        Some(Promise { buffer: Arc::clone(self), jobs })
    }

    /// Promises so many jobs to idle workers, if there are as many that nothing is on its way to.
    pub(super) fn promise_idle(self: &Arc<Self>, jobs: usize) -> Option<Promise> {
        let idle = self.idle.load(Ordering::Acquire);
        let mut state = self.lock();
        if state.jobs.len() + state.promised + jobs > idle {
            return None;
        }
        state.promised += jobs;
        Some(Promise { buffer: Arc::clone(self), jobs })
    }

    /// Takes out what the workers will not come for soon, since jobs have become slower: all, if
    /// none has been taken in this time, else what is far beyond their pace.
    pub(super) fn take_excess(&self, age: Duration) -> Vec<Claimed> {
        let idle = self.idle.load(Ordering::Acquire);
        let mut state = self.lock();
        if state.taken_at.elapsed() >= age {
            let keep = idle.min(state.jobs.len());
            return state.jobs.drain(keep..).collect();
        }
        let keep = 2 * state.pace.ahead(Instant::now()).max(1);
        let keep = keep.max(idle).min(state.jobs.len());
        let mut excess: Vec<Claimed> = state.jobs.drain(keep..).collect();
        // What throttles have let through comes in bursts, and would have to wait for room again.
        let admitted = excess.extract_if(.., |job| job.options.as_deref().is_some_and(is_gated));
        state.jobs.extend(admitted);
        excess
    }

    pub(super) fn clear(&self) -> Vec<Claimed> {
        self.lock().jobs.drain(..).collect()
    }

    /// Takes out the jobs that are named.
    pub(super) fn remove(&self, gone: impl Fn(&Claimed) -> bool) -> Vec<Claimed> {
        let mut state = self.lock();
        let (out, kept): (VecDeque<_>, _) =
            std::mem::take(&mut state.jobs).into_iter().partition(|job| gone(job));
        state.jobs = kept;
        Vec::from(out)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Jobs that are on their way into the buffer, until this is dropped.
pub(super) struct Promise {
    buffer: Arc<Buffer>,
    jobs: usize,
}

impl Promise {
    pub(super) fn jobs(&self) -> usize {
        self.jobs
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        self.buffer.lock().promised -= self.jobs;
    }
}

/// Counts a worker as idle while it lives.
struct Idle<'b>(&'b Buffer);

impl<'b> Idle<'b> {
    fn new(buffer: &'b Buffer) -> Self {
        buffer.idle.fetch_add(1, Ordering::AcqRel);
        Self(buffer)
    }
}

impl Drop for Idle<'_> {
    fn drop(&mut self) {
        self.0.idle.fetch_sub(1, Ordering::AcqRel);
    }
}
