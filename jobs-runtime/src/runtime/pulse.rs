//! Whether the storage has heard this server all the time. One that it has not heard cannot tell
//! the silence of the others from that of the storage: after an outage all servers look dead.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::settings::Settings;

pub(super) struct Pulse {
    state: Mutex<State>,
    /// The longest time between two beats that is no gap. With the pause before it and the time
    /// that a reconnect takes, a silence of this length kills no server.
    gap: Duration,
    /// How long it has to beat before it judges others.
    steady: Duration,
}

struct State {
    /// When the first beat after the last gap was accepted.
    since: Instant,
    last: Instant,
}

impl Pulse {
    pub(super) fn new(settings: &Settings) -> Self {
        let now = Instant::now();
        let gap = (settings.dead_after / 3).max(settings.heartbeat_every * 2);
        let state = Mutex::new(State { since: now, last: now });
        Self { state, gap, steady: settings.dead_after }
    }

    /// Notes that a heartbeat was accepted.
    pub(super) fn beat(&self) {
        let now = Instant::now();
        let mut state = self.lock();
        if now - state.last > self.gap {
            state.since = now;
        }
        state.last = now;
    }

    /// Whether a live server would have been heard by now.
    pub(super) fn is_steady(&self) -> bool {
        let state = self.lock();
        state.last.elapsed() <= self.gap && state.since.elapsed() >= self.steady
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
