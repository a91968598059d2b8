//! The jobs that were claimed ahead of the workers.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::storage::Claimed;

/// How far ahead of the workers the buffer reaches.
const AHEAD: Duration = Duration::from_millis(100);
/// The weight of the newest measurement in the rate of starts.
const SMOOTHING: f64 = 0.5;
/// The most jobs claimed in one statement.
const LARGEST_CLAIM: usize = 2_000;

/// A queue between the fetcher and the workers, as long as the workers need for the next tenth of
/// a second at the rate at which they start jobs. Slow jobs are thus not claimed ahead at all,
/// and stay in the line for servers that have a free worker.
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
    /// The length at which the fetcher is told.
    low: usize,
    started: u64,
    measured: (Instant, u64),
    /// Starts a second.
    rate: f64,
    /// When a job was last taken out, or put in while there was none.
    taken_at: Instant,
}

impl Buffer {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        let state = State {
            jobs: VecDeque::new(),
            low: 0,
            started: 0,
            measured: (now, 0),
            rate: 0.0,
            taken_at: now,
        };
        Self {
            state: Mutex::new(state),
            idle: AtomicUsize::new(0),
            filled: Notify::new(),
            hungry: Notify::new(),
        }
    }

    /// The next job, as soon as there is one.
    pub(super) async fn next(&self) -> Claimed {
        if let Some(job) = self.pop() {
            return job;
        }
        let _idle = Idle::new(self);
        loop {
            let filled = self.filled.notified();
            if let Some(job) = self.pop() {
                // One notification stands for any number of jobs: pass it on.
                self.pass_on();
                return job;
            }
            self.hungry.notify_one();
            filled.await;
        }
    }

    fn pop(&self) -> Option<Claimed> {
        let mut state = self.lock();
        let job = state.jobs.pop_front()?;
        state.started += 1;
        state.taken_at = Instant::now();
        let hungry = state.jobs.len() == state.low;
        drop(state);
        if hungry {
            self.hungry.notify_one();
        }
        Some(job)
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

    /// How many jobs are wanted now: for each idle worker one, and so many ahead as will be
    /// started soon.
    pub(super) fn wanted(&self) -> usize {
        let idle = self.idle.load(Ordering::Acquire);
        let mut state = self.lock();
        state.measure();
        let ahead = (state.rate * AHEAD.as_secs_f64()) as usize;
        let ahead = ahead.min(LARGEST_CLAIM);
        state.low = ahead / 2;
        let target = idle + ahead;
        let buffered = state.jobs.len();
        if buffered > state.low { 0 } else { target.saturating_sub(buffered).min(LARGEST_CLAIM) }
    }

    /// Takes everything out, if no worker has come for any of it in this time.
    pub(super) fn take_stale(&self, age: Duration) -> Vec<Claimed> {
        let mut state = self.lock();
        match state.taken_at.elapsed() < age {
            true => Vec::new(),
            false => state.jobs.drain(..).collect(),
        }
    }

    pub(super) fn clear(&self) -> Vec<Claimed> {
        self.lock().jobs.drain(..).collect()
    }

    /// Takes out the jobs that are named.
    pub(super) fn remove(&self, gone: impl Fn(&Claimed) -> bool) -> Vec<Claimed> {
        let mut state = self.lock();
        let (out, kept): (VecDeque<_>, _) = std::mem::take(&mut state.jobs).into_iter().partition(|job| gone(job));
        state.jobs = kept;
        Vec::from(out)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn measure(&mut self) {
        let (at, started) = self.measured;
        let elapsed = at.elapsed();
        // Shorter spans say more about the scheduler of threads than about the jobs.
        if elapsed < Duration::from_millis(1) {
            return;
        }
        let rate = (self.started - started) as f64 / elapsed.as_secs_f64();
        self.rate = self.rate * (1.0 - SMOOTHING) + rate * SMOOTHING;
        self.measured = (Instant::now(), self.started);
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
