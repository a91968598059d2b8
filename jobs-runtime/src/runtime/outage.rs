//! What a loop does while the storage does not answer: it waits, longer each time, and says so
//! once.

use std::time::Duration;

use crate::error::StorageError;

const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(3);

/// The outage that one loop is in, if it is in one.
pub(super) struct Outage {
    what: &'static str,
    pause: Option<Duration>,
    longest: Duration,
}

impl Outage {
    /// `what` says what the loop cannot do meanwhile.
    pub(super) fn new(what: &'static str) -> Self {
        Self { what, pause: None, longest: LONGEST }
    }

    /// With pauses no longer than this.
    pub(super) fn pausing_at_most(self, longest: Duration) -> Self {
        Self { longest: longest.min(self.longest), ..self }
    }

    /// Waits after a failure.
    pub(super) async fn wait(&mut self, error: &StorageError) {
        let pause = match self.pause {
            None => {
                tracing::warn!(%error, "the storage does not answer: {}; will go on trying", self.what);
                FIRST
            }
            Some(pause) => pause * 2,
        };
        let pause = pause.min(self.longest);
        self.pause = Some(pause);
        tokio::time::sleep(pause.mul_f64(rand::random_range(0.5..=1.0))).await;
    }

    /// Notes a success.
    pub(super) fn over(&mut self) {
        if self.pause.take().is_some() {
            tracing::info!("the storage answers again: {}", self.what);
        }
    }
}
