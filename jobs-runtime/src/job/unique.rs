//! Jobs of which there may be only one.

use std::time::Duration;

use super::State;

/// By what a second job of a kind is recognised, and what then happens.
///
/// ```
/// # use jobs_runtime::{OnConflict, Unique};
/// # use std::time::Duration;
/// let unique = Unique::key("user-7")
///     .within(Duration::from_secs(3600))
///     .on_conflict(OnConflict::Error);
/// ```
#[derive(Debug, Clone)]
pub struct Unique {
    pub(crate) key: String,
    pub(crate) within: Option<Duration>,
    pub(crate) states: &'static [State],
    pub(crate) on_conflict: OnConflict,
}

/// What happens to a request whose key another job holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnConflict {
    /// Nothing is stored; the handle names the job that holds the key.
    #[default]
    Skip,
    /// The holder, if it has not started, takes the new arguments and settings.
    Replace,
    /// The enqueue fails with [`Error::Conflict`](crate::Error::Conflict).
    Error,
}

impl Unique {
    /// Unique by `key`, of 1 to 200 bytes, among the jobs of the kind, for as long as the holder is
    /// not settled.
    #[must_use]
    pub fn key(key: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            within: None,
            states: &[State::Enqueued, State::Scheduled, State::Awaiting, State::Processing],
            on_conflict: OnConflict::Skip,
        }
    }

    /// Holds the key for this long after the enqueue, and frees it then. Counts all states but
    /// Failed and Deleted, unless [`states`](Self::states) says otherwise.
    #[must_use]
    pub fn within(mut self, within: Duration) -> Self {
        self.within = Some(within);
        self.states = &[
            State::Enqueued,
            State::Scheduled,
            State::Awaiting,
            State::Processing,
            State::Succeeded,
        ];
        self
    }

    /// The states in which a job holds its key.
    #[must_use]
    pub fn states(mut self, states: &'static [State]) -> Self {
        self.states = states;
        self
    }

    /// What happens to a request whose key is held.
    #[must_use]
    pub fn on_conflict(mut self, on_conflict: OnConflict) -> Self {
        self.on_conflict = on_conflict;
        self
    }
}
