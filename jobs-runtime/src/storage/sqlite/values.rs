//! Values on their way to the database and back.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sqlx::sqlite::{Sqlite, SqliteRow};
use sqlx::{Column, Decode, Row};
use uuid::Uuid;

use crate::error::StorageError;
use crate::job::JobId;
use crate::storage::model::Due;
use crate::storage::tables::Result;

/// The last instant that is stored, in the year 255,478: what is later cannot be read again.
const LATEST: i64 = 8_000_000_000_000_000_000;

/// Bytes of a damaged value that an error shows.
const LONGEST_SHOWN: usize = 500;

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

pub(super) fn instant(micros: i64) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| damaged("instant", micros))
}

/// `rank` is minus the priority.
pub(super) fn priority_of(rank: i64) -> i16 {
    i16::try_from(-rank).unwrap_or(i16::MAX)
}

pub(super) fn duration(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

pub(super) fn damaged(what: &'static str, value: impl ToString) -> StorageError {
    let mut value = value.to_string();
    value.truncate(value.floor_char_boundary(LONGEST_SHOWN));
    StorageError::Damaged { what, value }
}

/// The column of a row; its type is known from the table, which is strict.
pub(super) fn get<'r, T: Decode<'r, Sqlite>>(row: &'r SqliteRow, index: usize) -> Result<T> {
    row.try_get_unchecked(index).map_err(|error| {
        let column = row.columns().get(index).map_or("?", |column| column.name());
        damaged("row", format_args!("column `{column}`: {error}"))
    })
}

pub(super) fn get_id(row: &SqliteRow, index: usize) -> Result<JobId> {
    get::<Uuid>(row, index).map(JobId::from)
}

pub(super) fn get_optional_id(row: &SqliteRow, index: usize) -> Result<Option<JobId>> {
    Ok(get::<Option<Uuid>>(row, index)?.map(JobId::from))
}

pub(super) fn get_instant(row: &SqliteRow, index: usize) -> Result<DateTime<Utc>> {
    instant(get(row, index)?)
}

pub(super) fn get_optional_instant(row: &SqliteRow, index: usize) -> Result<Option<DateTime<Utc>>> {
    get::<Option<i64>>(row, index)?.map(instant).transpose()
}

/// What a column of JSON holds.
pub(super) fn get_json<'r, T: Deserialize<'r>>(
    row: &'r SqliteRow,
    index: usize,
    what: &'static str,
) -> Result<T> {
    let text: &str = get(row, index)?;
    serde_json::from_str(text).map_err(|error| damaged(what, format_args!("{error}: {text}")))
}

/// What a column holds that is one word of an enumeration.
pub(super) fn get_word<T: DeserializeOwned>(
    row: &SqliteRow,
    index: usize,
    what: &'static str,
) -> Result<T> {
    let text: &str = get(row, index)?;
    let word: serde::de::value::StrDeserializer<'_, serde::de::value::Error> =
        serde::de::IntoDeserializer::into_deserializer(text);
    T::deserialize(word).map_err(|_| damaged(what, text))
}

/// The word by which a variant is stored.
pub(super) fn word<T: Serialize>(variant: &T) -> String {
    json(variant).trim_matches('"').to_owned()
}

/// JSON of strings, numbers and arrays of them, which always encodes.
pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A JSON array of ids in hexadecimal: one value to bind, however many there are.
pub(super) fn ids_json(ids: &[JobId]) -> String {
    let mut json = String::with_capacity(ids.len() * 35 + 2);
    json.push('[');
    for (index, id) in ids.iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        json.push('"');
        json.push_str(hex(*id, &mut [0; 32]));
        json.push('"');
    }
    json.push(']');
    json
}

fn hex(id: JobId, buffer: &mut [u8; 32]) -> &str {
    id.as_uuid().simple().encode_lower(buffer)
}

/// An id as one element among others of a JSON array.
pub(super) fn hex_of(id: JobId) -> String {
    id.as_uuid().simple().to_string()
}
