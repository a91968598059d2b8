//! What holds for every job of a kind, and what one job overrides.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Backoff, BatchId, JobId, StoredBackoff, Throttle};
#[cfg(feature = "opentelemetry")]
use crate::telemetry::Trace;

/// Retries, backoff, timeout, deadline, retention and priority of a kind.
///
/// ```
/// # use jobs_runtime::{Backoff, Policy};
/// # use std::time::Duration;
/// let policy = Policy::default().retries(3).backoff(Backoff::Fixed(Duration::from_secs(5)));
/// assert_eq!(policy.max_attempts(), 4);
/// ```
#[derive(Debug, Clone)]
pub struct Policy {
    pub(crate) retries: u32,
    pub(crate) backoff: Backoff,
    pub(crate) on_exhausted: OnExhausted,
    pub(crate) timeout: Option<Duration>,
    pub(crate) expires: Option<Duration>,
    pub(crate) keep: Option<Duration>,
    pub(crate) priority: i16,
}

impl Default for Policy {
    /// 10 retries with [`Backoff::Polynomial`], no timeout, no deadline, priority 0.
    fn default() -> Self {
        Self {
            retries: 10,
            backoff: Backoff::default(),
            on_exhausted: OnExhausted::default(),
            timeout: None,
            expires: None,
            keep: None,
            priority: 0,
        }
    }
}

/// What becomes of a job whose last attempt has failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnExhausted {
    /// It is Failed, and kept until somebody acts on it.
    #[default]
    Fail,
    /// It is Deleted, and expires.
    Delete,
}

impl Policy {
    /// How often a failed job is tried again; 0 for never.
    #[must_use]
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// The delay before each retry.
    #[must_use]
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// What becomes of the job when its last attempt has failed.
    #[must_use]
    pub fn on_exhausted(mut self, on_exhausted: OnExhausted) -> Self {
        self.on_exhausted = on_exhausted;
        self
    }

    /// How long one attempt may run before it is cancelled and failed.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How long after its enqueue a job may start; later it is Deleted instead.
    #[must_use]
    pub fn expires(mut self, expires: Duration) -> Self {
        self.expires = Some(expires);
        self
    }

    /// How long a finished job is kept; the runtime's default is one day.
    #[must_use]
    pub fn keep(mut self, keep: Duration) -> Self {
        self.keep = Some(keep);
        self
    }

    /// The priority inside the queue: larger runs first, 0 is the default.
    #[must_use]
    pub fn priority(mut self, priority: i16) -> Self {
        self.priority = priority;
        self
    }

    /// The first attempt and all retries.
    #[must_use]
    pub fn max_attempts(&self) -> u32 {
        self.retries.saturating_add(1)
    }

    pub(crate) fn with(&self, overrides: Overrides) -> Self {
        Self {
            retries: overrides.retries.unwrap_or(self.retries),
            backoff: overrides.backoff.map_or_else(|| self.backoff.clone(), Into::into),
            on_exhausted: overrides.on_exhausted.unwrap_or(self.on_exhausted),
            timeout: overrides.timeout.or(self.timeout),
            keep: overrides.keep.or(self.keep),
            expires: self.expires,
            priority: self.priority,
        }
    }
}

/// What a single request sets differently from its kind; stored with the job.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Overrides {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retries: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) backoff: Option<StoredBackoff>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) on_exhausted: Option<OnExhausted>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) timeout: Option<Duration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) keep: Option<Duration>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) throttles: Vec<Throttle>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fair_by: Option<String>,
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub(crate) meta: serde_json::Map<String, serde_json::Value>,
    /// The trace that the request was made in.
    #[cfg(feature = "opentelemetry")]
    #[serde(default, skip_serializing_if = "Trace::is_empty")]
    pub(crate) trace: Trace,
    /// The arguments that are not shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) redact: Vec<Cow<'static, str>>,
    /// The arguments that are encrypted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) encrypt: Vec<Cow<'static, str>>,
    /// The schedule that they are encrypted for; the job itself unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) encrypted_for: Option<JobId>,
    /// The batch that the job is a member of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) batch: Option<BatchId>,
}

impl Overrides {
    /// What is stored; `None` where nothing differs from the kind.
    pub(crate) fn json(&self) -> Option<String> {
        // Strings and numbers always encode.
        serde_json::to_string(self).ok().filter(|json| json != "{}")
    }

    /// Notes the trace that the request is made in.
    pub(crate) fn note_trace(&mut self) {
        #[cfg(feature = "opentelemetry")]
        {
            self.trace = Trace::current();
        }
    }

    /// What is stored with a job; nothing where that does not decode, which its run will tell.
    pub(crate) fn of(options: Option<&str>) -> Self {
        options.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
    }
}

impl Overrides {
    /// The tags in what is stored.
    pub(crate) fn tags_in(options: Option<&str>) -> Vec<String> {
        let overrides = options.and_then(|json| serde_json::from_str::<Self>(json).ok());
        overrides.map(|overrides| overrides.tags).unwrap_or_default()
    }
}

/// A random duration from zero up to `most`.
pub(crate) fn jitter(most: Duration) -> Duration {
    most.mul_f64(rand::random_range(0.0..=1.0))
}
