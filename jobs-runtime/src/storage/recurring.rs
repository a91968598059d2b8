//! Recurring schedules as they are stored.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::job::{JobId, Misfire, Overlap};

/// A schedule and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RecurringRow {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) queue: String,
    pub(crate) priority: i16,
    pub(crate) args: String,
    pub(crate) options: Option<String>,
    pub(crate) expires: Option<Duration>,
    pub(crate) cron: String,
    pub(crate) tz: String,
    pub(crate) misfire: Misfire,
    pub(crate) overlap: Overlap,
    pub(crate) jitter: Duration,
    pub(crate) paused: bool,
    /// What the program's own declaration said when it was last taken over; `None` for a
    /// schedule that was added at run time.
    pub(crate) declared: Option<String>,
    /// The next occurrence that has not been dealt with; `None` if it never fires.
    pub(crate) next_at: Option<DateTime<Utc>>,
    pub(crate) last_at: Option<DateTime<Utc>>,
    pub(crate) last_job: Option<JobId>,
    /// Why it does not fire, if something is wrong with it.
    pub(crate) error: Option<String>,
}

/// One occurrence of a schedule.
#[derive(Debug, Clone)]
pub(crate) struct FireRow {
    pub(crate) recurring: String,
    pub(crate) at: DateTime<Utc>,
    /// `None` if it was left out.
    pub(crate) job: Option<JobId>,
}
