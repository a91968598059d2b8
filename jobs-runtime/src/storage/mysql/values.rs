//! Values on their way to the database and back.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::mysql::{MySqlDatabaseError, MySqlRow};

use crate::error::StorageError;
use crate::storage::model::Due;
use crate::storage::rows::Kept;
use crate::storage::tables::Result;
pub(super) use crate::storage::values::*;

/// A thousand years, in microseconds: what the clock can be added to without leaving what an
/// instant can be.
const LONGEST: i64 = 1_000 * 365 * 24 * 60 * 60 * 1_000_000;

impl Kept for MySqlRow {
    type Instant = i64;

    fn instant(micros: i64) -> Result<DateTime<Utc>> {
        instant(micros)
    }
}

pub(super) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(LONGEST).min(LONGEST)
}

pub(super) fn to_micros(instant: DateTime<Utc>) -> i64 {
    instant.timestamp_micros()
}

/// A time as its two columns: a delay from now, or an instant.
pub(super) fn due_columns(due: Due) -> (Option<i64>, Option<i64>) {
    match due {
        Due::Now => (None, None),
        Due::In(delay) => (Some(micros(delay)), None),
        // What is long past is due, wherever before it may be.
        Due::At(at) => (None, Some(to_micros(at.max(DateTime::UNIX_EPOCH)))),
    }
}

/// Minus the priority, so that the key of the line ascends in the order of claims.
pub(super) fn rank(priority: i16) -> i32 {
    -i32::from(priority)
}

/// Whether the error says that a table or its database is not there for this account.
pub(super) fn is_missing(error: &StorageError) -> bool {
    const NO_DATABASE: u16 = 1046;
    const UNKNOWN_DATABASE: u16 = 1049;
    const DENIED: u16 = 1142;
    const NO_TABLE: u16 = 1146;
    let StorageError::Database(error) = error else { return false };
    [NO_DATABASE, UNKNOWN_DATABASE, DENIED, NO_TABLE].map(Some).contains(&number_of(error.as_ref()))
}

/// Whether a lock was waited for longer than a connection waits. The transaction has ended then as
/// after a deadlock, which this may well be one of, with an application's own transaction in it.
pub(crate) fn waited_in_vain(error: &sqlx::Error) -> bool {
    const LOCK_WAIT_TIMEOUT: u16 = 1205;
    number_of(error) == Some(LOCK_WAIT_TIMEOUT)
}

/// The number of an error in MySQL's list of them.
pub(super) fn number_of(error: &sqlx::Error) -> Option<u16> {
    let error = error.as_database_error()?.try_downcast_ref::<MySqlDatabaseError>()?;
    Some(error.number())
}
