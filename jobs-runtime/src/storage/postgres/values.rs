//! Between the types of the library and those of the columns.

use std::borrow::Cow;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::postgres::PgRow;
use sqlx::postgres::types::PgInterval;
use uuid::Uuid;

use crate::error::damaged;
use crate::job::{JobFailure, JobId};
use crate::storage::model::Due;
use crate::storage::rows::Kept;
pub(super) use crate::storage::rows::duration;
use crate::storage::tables::Result;

impl Kept for PgRow {
    type Instant = DateTime<Utc>;

    fn instant(instant: DateTime<Utc>) -> Result<DateTime<Utc>> {
        Ok(instant)
    }
}

/// A thousand years, in microseconds: beyond it, instants leave what PostgreSQL can store.
const LONGEST: i64 = 1_000 * 365 * 24 * 60 * 60 * 1_000_000;

pub(super) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(LONGEST).min(LONGEST)
}

pub(super) fn interval(duration: Duration) -> PgInterval {
    PgInterval { months: 0, days: 0, microseconds: micros(duration) }
}

/// A time as its two columns: a delay from now, or an instant.
pub(super) fn due_columns(due: Due) -> (Option<i64>, Option<DateTime<Utc>>) {
    match due {
        Due::Now => (None, None),
        Due::In(delay) => (Some(micros(delay)), None),
        // What is long past is due, wherever before it may be.
        Due::At(at) => (None, Some(at.max(DateTime::UNIX_EPOCH))),
    }
}

/// What comes before all years and after all that are stored is bent to what a column can hold.
pub(super) fn instant(micros: i64) -> DateTime<Utc> {
    const YEAR_0: i64 = -62_167_219_200_000_000;
    const YEAR_255_000: i64 = 8_000_000_000_000_000_000;
    let micros = micros.clamp(YEAR_0, YEAR_255_000);
    DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::UNIX_EPOCH)
}

/// `-priority`, so that the key of the line ascends in the order of claims.
pub(super) fn rank(priority: i16) -> i16 {
    priority.saturating_neg()
}

/// Text without the one character that PostgreSQL does not store.
pub(super) fn storable(text: &str) -> Cow<'_, str> {
    match text.contains('\0') {
        true => Cow::Owned(text.replace('\0', "\u{fffd}")),
        false => Cow::Borrowed(text),
    }
}

pub(super) fn uuids<'i>(ids: impl IntoIterator<Item = &'i JobId>) -> Vec<Uuid> {
    ids.into_iter().map(|id| id.as_uuid()).collect()
}

/// Ids in ascending order, each once: the order in which rows are locked.
pub(super) fn ascending<'i>(ids: impl IntoIterator<Item = &'i JobId>) -> Vec<Uuid> {
    let mut ids = uuids(ids);
    ids.sort_unstable();
    ids.dedup();
    ids
}

pub(super) fn job_id(row: &PgRow, column: usize) -> Result<JobId> {
    Ok(JobId::from(row.try_get::<Uuid, _>(column)?))
}

pub(super) fn job_ids(rows: &[PgRow]) -> Result<Vec<JobId>> {
    rows.iter().map(|row| job_id(row, 0)).collect()
}

/// The value that a name or a code stands for.
pub(super) fn known<T>(what: &'static str, value: Option<T>, stored: impl ToString) -> Result<T> {
    value.ok_or_else(|| damaged(what, stored))
}

pub(super) fn failure(json: &str) -> Result<JobFailure> {
    serde_json::from_str(json).map_err(|_| damaged("failure", json.to_owned()))
}

/// A word as serde writes the enum.
pub(super) fn word<T: serde::Serialize>(what: &'static str, value: &T) -> Result<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        other => Err(damaged(what, format_args!("{other:?}"))),
    }
}

/// A list as JSON text.
pub(super) fn json_list<'w>(words: impl Iterator<Item = &'w str>) -> String {
    serde_json::Value::from_iter(words).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_column_can_hold_is_bent_to_what_it_can() {
        assert_eq!(micros(Duration::MAX), LONGEST);
        assert_eq!(rank(i16::MIN), i16::MAX);
        assert_eq!(storable("a\0b"), "a\u{fffd}b");
        assert_eq!(due_columns(Due::At(DateTime::<Utc>::MIN_UTC)).1, Some(DateTime::UNIX_EPOCH));
    }
}
