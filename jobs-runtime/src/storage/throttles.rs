//! What passes between throttles and the database.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::model::LineRow;
use crate::job::{JobId, ThrottleKind};

/// What a gate lets jobs through by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i16)]
pub(crate) enum Measure {
    Concurrency = 0,
    Fixed = 1,
    Sliding = 2,
    Bucket = 3,
    /// How many jobs of a key are in the line of their queue.
    Turns = 4,
}

impl Measure {
    pub(crate) fn from_code(code: i16) -> Option<Self> {
        let all = [Self::Concurrency, Self::Fixed, Self::Sliding, Self::Bucket, Self::Turns];
        all.into_iter().find(|measure| *measure as i16 == code)
    }

    /// Whether time alone makes room.
    pub(crate) fn is_rate(self) -> bool {
        matches!(self, Self::Fixed | Self::Sliding | Self::Bucket)
    }
}

impl From<ThrottleKind> for Measure {
    fn from(kind: ThrottleKind) -> Self {
        match kind {
            ThrottleKind::Concurrency => Self::Concurrency,
            ThrottleKind::Fixed => Self::Fixed,
            ThrottleKind::Sliding => Self::Sliding,
            ThrottleKind::Bucket => Self::Bucket,
        }
    }
}

/// A gate by the name that jobs give it, as they declare it. They are locked in ascending order of
/// scope and key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Declared {
    /// Empty for a throttle; for the turns of a key, the queue.
    pub(crate) scope: String,
    pub(crate) key: String,
    pub(crate) measure: Measure,
    pub(crate) limit: i64,
    pub(crate) per: Duration,
}

/// A throttle, or the turns of a key, as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ThrottleRow {
    pub(crate) id: i64,
    pub(crate) declared: Declared,
    /// Set at run time, instead of the declared limit.
    pub(crate) own_limit: Option<i64>,
    /// Slots that are taken; starts in the present window; places of a key in the line.
    pub(crate) used: i64,
    /// What is in a bucket.
    pub(crate) tokens: f64,
    /// The beginning of the present window, or when the bucket was last looked into.
    pub(crate) window_at: Option<DateTime<Utc>>,
    /// Jobs that were called since `called_at` and have not been admitted yet.
    pub(crate) called: i64,
    pub(crate) called_at: Option<DateTime<Utc>>,
    /// While jobs wait: when somebody has to look whether there is room.
    pub(crate) wake_at: Option<DateTime<Utc>>,
    pub(crate) touched_at: DateTime<Utc>,
    /// When it was read, at the latest before the lock was waited for.
    pub(crate) read_at: DateTime<Utc>,
}

impl ThrottleRow {
    pub(crate) fn limit(&self) -> i64 {
        self.own_limit.unwrap_or(self.declared.limit)
    }
}

/// What a sliding limit has let through in its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Passed {
    pub(crate) throttle: i64,
    pub(crate) count: i64,
    pub(crate) oldest: DateTime<Utc>,
}

/// A job that waits for a throttle. Without a `seq` of its line it waits at the end.
#[derive(Debug, Clone)]
pub(crate) struct WaitRow {
    pub(crate) throttle: i64,
    pub(crate) line: LineRow,
}

/// A slot that a run takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SlotRow {
    pub(crate) throttle: i64,
    pub(crate) lease: i64,
    pub(crate) job: JobId,
}

/// A throttle as people see it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ThrottleRecord {
    /// Its key.
    pub key: String,
    /// What it limits.
    pub kind: ThrottleKind,
    /// The limit that is in force.
    pub limit: u32,
    /// The limit that the code declares, as the last job that named it had it.
    pub declared: u32,
    /// The window of a rate; zero for a concurrency.
    pub per: Duration,
    /// How much of the limit is used: jobs that have a slot, or starts that still count.
    pub used: u64,
    /// Jobs that wait for it.
    pub waiting: u64,
}
