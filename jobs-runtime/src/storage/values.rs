//! Values on their way to databases that keep instants as microseconds, and lists as JSON: SQLite
//! and MySQL.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{Column, ColumnIndex, Decode, Row};
use uuid::Uuid;

pub(super) use super::rows::duration;
use super::tables::Result;
pub(super) use crate::error::damaged;
use crate::job::JobId;

pub(super) fn instant(micros: i64) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| damaged("instant", micros))
}

/// `rank` is minus the priority.
pub(super) fn priority_of(rank: i64) -> i16 {
    i16::try_from(-rank).unwrap_or(i16::MAX)
}

/// The column of a row; its type is known from the table.
pub(super) fn get<'r, R, T>(row: &'r R, index: usize) -> Result<T>
where
    R: Row,
    usize: ColumnIndex<R>,
    T: Decode<'r, R::Database>,
{
    row.try_get_unchecked(index).map_err(|error| {
        let column = row.columns().get(index).map_or("?", |column| column.name());
        damaged("row", format_args!("column `{column}`: {error}"))
    })
}

pub(super) fn get_id<'r, R>(row: &'r R, index: usize) -> Result<JobId>
where
    R: Row,
    usize: ColumnIndex<R>,
    Uuid: Decode<'r, R::Database>,
{
    get::<_, Uuid>(row, index).map(JobId::from)
}

pub(super) fn get_instant<'r, R>(row: &'r R, index: usize) -> Result<DateTime<Utc>>
where
    R: Row,
    usize: ColumnIndex<R>,
    i64: Decode<'r, R::Database>,
{
    instant(get(row, index)?)
}

pub(super) fn get_optional_instant<'r, R>(row: &'r R, index: usize) -> Result<Option<DateTime<Utc>>>
where
    R: Row,
    usize: ColumnIndex<R>,
    Option<i64>: Decode<'r, R::Database>,
{
    get::<_, Option<i64>>(row, index)?.map(instant).transpose()
}

/// What a column of JSON holds.
pub(super) fn get_json<'r, R, T>(row: &'r R, index: usize, what: &'static str) -> Result<T>
where
    R: Row,
    usize: ColumnIndex<R>,
    &'r str: Decode<'r, R::Database>,
    T: Deserialize<'r>,
{
    let text: &str = get(row, index)?;
    serde_json::from_str(text).map_err(|error| damaged(what, format_args!("{error}: {text}")))
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
