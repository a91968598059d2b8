//! What passes between servers and the database.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::job::{JobId, OnExhausted};

/// A server that announces itself.
#[derive(Debug, Clone)]
pub(crate) struct NewServer {
    /// Host and process, for people.
    pub(crate) name: String,
    pub(crate) queues: Vec<String>,
    pub(crate) workers: u32,
    pub(crate) kinds: Vec<KindRow>,
}

/// A kind as the servers have announced it.
#[derive(Debug, Clone)]
pub(crate) struct KindRow {
    pub(crate) name: String,
    pub(crate) queue: String,
    pub(crate) retries: u32,
    pub(crate) on_exhausted: OnExhausted,
}

/// What a heartbeat brings back.
#[derive(Debug, Clone, Default)]
pub(crate) struct Beat {
    /// Not declared dead.
    pub(crate) alive: bool,
    pub(crate) paused: bool,
    /// Somebody has asked it to stop.
    pub(crate) stopping: bool,
}

/// What a server tells of its process, as far as the system says it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Vitals {
    /// Memory that it holds, in bytes.
    pub(crate) memory: Option<i64>,
    /// Processor time since the last heartbeat, in thousandths of one processor.
    pub(crate) cpu: Option<i32>,
}

/// What a server asks about when it polls.
#[derive(Debug, Clone)]
pub(crate) struct Signs<'s> {
    pub(crate) server: i64,
    pub(crate) queues: &'s [String],
    pub(crate) kinds: &'s [String],
}

/// What there is to do.
#[derive(Debug, Clone, Default)]
pub(crate) struct Poll {
    /// The queues asked about that are not paused and hold a job of a kind asked about.
    pub(crate) ready: Vec<String>,
    /// Until the next scheduled job is due; zero if one is.
    pub(crate) next_due: Option<Duration>,
    /// Until somebody has to look whether a throttle has room; zero if that is now.
    pub(crate) next_call: Option<Duration>,
    /// Members of this server's leases that were taken out of them.
    pub(crate) revoked: Vec<(i64, JobId)>,
    /// Changes whenever a recurring schedule is added, edited or removed.
    pub(crate) recurring_version: i64,
}

/// A server as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct ServerRow {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) queues: Vec<String>,
    pub(crate) kinds: Vec<String>,
    pub(crate) workers: u32,
    pub(crate) started_at: DateTime<Utc>,
    /// Since when it has been live without a gap.
    pub(crate) live_since: DateTime<Utc>,
    pub(crate) heartbeat_at: DateTime<Utc>,
    /// It departed, or was declared dead.
    pub(crate) gone: bool,
    pub(crate) paused: bool,
    pub(crate) stopping: bool,
    pub(crate) vitals: Vitals,
}
