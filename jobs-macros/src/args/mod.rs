//! What an attribute says: its list of arguments, and the values in it.

mod backoff;
mod job;
mod list;
mod nearest;
mod recurring;
mod template;
mod throttle;
mod unique;
mod value;

pub(crate) use backoff::Backoff;
pub(crate) use job::{JobArguments, MAX_NAME};
pub(crate) use list::{Argument, Arguments, Given, Scope};
pub(crate) use nearest::nearest;
pub(crate) use recurring::{Recurrence, Timing};
pub(crate) use template::{Key, Part, Template};
pub(crate) use throttle::{Concurrency, Rate};
pub(crate) use unique::Unique;

/// The arguments that say what a job is.
pub(crate) const JOB: &[&str] = &[
    "name",
    "aliases",
    "queue",
    "priority",
    "retries",
    "backoff",
    "retry_if",
    "on_exhausted",
    "timeout",
    "expires",
    "keep",
    "unique",
    "concurrency",
    "rate_limit",
    "fair_by",
    "tags",
    "encrypt",
    "args",
    "crate",
];

/// The arguments that say when a recurring job runs. `args` is here as a list, `args(days = 30)`,
/// and in [`JOB`] as a name, `args = "Report"`.
pub(crate) const RECURRING: &[&str] =
    &["cron", "every", "tz", "id", "misfire", "overlap", "jitter", "paused", "args"];
