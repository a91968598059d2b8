//! Values on their way to the database and back.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteRow;

use crate::storage::model::Due;
use crate::storage::rows::Kept;
use crate::storage::tables::Result;
pub(super) use crate::storage::values::*;

/// The last instant that is stored, in the year 255,478: what is later cannot be read again.
const LATEST: i64 = 8_000_000_000_000_000_000;

impl Kept for SqliteRow {
    type Instant = i64;

    fn instant(micros: i64) -> Result<DateTime<Utc>> {
        instant(micros)
    }
}

pub(super) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// The instant so long after `now`.
pub(super) fn after(now: i64, delay: Duration) -> i64 {
    now.saturating_add(micros(delay)).min(LATEST)
}

/// The instant so long before `now`.
pub(super) fn before(now: i64, age: Duration) -> i64 {
    now.saturating_sub(micros(age)).max(-LATEST)
}

pub(super) fn due_at(now: i64, due: Due) -> i64 {
    match due {
        Due::Now => now,
        Due::In(delay) => after(now, delay),
        Due::At(instant) => instant.timestamp_micros(),
    }
}
