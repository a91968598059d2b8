//! Limits that hold across all servers.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::request::is_key;

/// A limit by key: so many jobs at once, or so many starts in a time. All jobs that name the key
/// share it, whatever their kinds.
///
/// A job over a limit waits in a line of the throttle, and holds no worker.
///
/// ```
/// # use jobs_runtime::Throttle;
/// # use std::time::Duration;
/// let mutex = Throttle::concurrency("ledger", 1);
/// let api = Throttle::sliding("api", 100, Duration::from_secs(60));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Throttle {
    pub(crate) key: String,
    pub(crate) kind: ThrottleKind,
    pub(crate) limit: u32,
    /// Zero where no rate is limited.
    #[serde(default, skip_serializing_if = "Duration::is_zero")]
    pub(crate) per: Duration,
}

/// What a throttle limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ThrottleKind {
    /// How many jobs run at once.
    Concurrency,
    /// How many start in each aligned window, such as each minute of the clock.
    Fixed,
    /// How many start in any window of the length, wherever it begins.
    Sliding,
    /// How many start on average; as many as the limit may start at once after a time without.
    Bucket,
}

/// The largest limit, so that counts fit into the columns of every database.
pub(crate) const LARGEST_LIMIT: u32 = 1_000_000_000;
/// The longest window.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);
/// The shortest, of the resolution of the databases' clocks with room to tell starts apart.
const SHORTEST: Duration = Duration::from_millis(1);

impl Throttle {
    /// At most `limit` jobs at once; 1 is a mutex.
    #[must_use]
    pub fn concurrency(key: impl Into<String>, limit: u32) -> Self {
        Self { key: key.into(), kind: ThrottleKind::Concurrency, limit, per: Duration::ZERO }
    }

    /// At most `limit` starts in any window of the length `per`, wherever it begins.
    #[must_use]
    pub fn sliding(key: impl Into<String>, limit: u32, per: Duration) -> Self {
        Self { key: key.into(), kind: ThrottleKind::Sliding, limit, per }
    }

    /// At most `limit` starts in each window of the length `per`, counted from 1970: with a minute,
    /// in each minute of the clock.
    #[must_use]
    pub fn fixed(key: impl Into<String>, limit: u32, per: Duration) -> Self {
        Self { key: key.into(), kind: ThrottleKind::Fixed, limit, per }
    }

    /// `limit` starts in `per` on average, from a bucket that is refilled evenly and holds `limit`.
    #[must_use]
    pub fn bucket(key: impl Into<String>, limit: u32, per: Duration) -> Self {
        Self { key: key.into(), kind: ThrottleKind::Bucket, limit, per }
    }

    /// Its key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Why it cannot be kept, if so.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let is_rate = self.kind != ThrottleKind::Concurrency;
        if !is_key(&self.key) {
            return Some("has no key of 1 to 200 bytes, none of them zero");
        }
        if !(1..=LARGEST_LIMIT).contains(&self.limit) {
            return Some("has a limit that is not from 1 to 1,000,000,000");
        }
        if is_rate && !(SHORTEST..=LONGEST).contains(&self.per) {
            return Some("counts in a time that is not from a millisecond to 366 days");
        }
        None
    }
}
