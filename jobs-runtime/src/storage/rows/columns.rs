//! The columns of a row, by the types of the library.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::de::value::StrDeserializer;
use sqlx::{Column, ColumnIndex, Decode, Row};
use uuid::Uuid;

use crate::error::damaged;
use crate::job::{BatchId, JobId};
use crate::storage::tables::Result;

/// What differs between the rows of the databases.
pub(crate) trait Kept: Row {
    /// What an instant is kept as.
    type Instant;

    fn instant(kept: Self::Instant) -> Result<DateTime<Utc>>;
}

/// A row of any of the databases. The type of a column is known from its table; integers may be
/// kept in any width.
pub(crate) trait Columns {
    fn name(&self, column: usize) -> &str;
    fn flag(&self, column: usize) -> Result<Option<bool>>;
    fn integer(&self, column: usize) -> Result<Option<i64>>;
    fn float(&self, column: usize) -> Result<Option<f64>>;
    fn text(&self, column: usize) -> Result<Option<&str>>;
    fn bytes(&self, column: usize) -> Result<Option<&[u8]>>;
    fn id(&self, column: usize) -> Result<Option<Uuid>>;
    fn instant(&self, column: usize) -> Result<Option<DateTime<Utc>>>;

    fn get<'r, T: Field<'r>>(&'r self, column: usize) -> Result<T>
    where
        Self: Sized,
    {
        T::of(self, column)
    }

    /// What a column of JSON holds.
    fn json<'r, T: Deserialize<'r>>(&'r self, column: usize, what: &'static str) -> Result<T>
    where
        Self: Sized,
    {
        parse(self.get(column)?, what)
    }

    fn optional_json<'r, T: Deserialize<'r>>(
        &'r self,
        column: usize,
        what: &'static str,
    ) -> Result<Option<T>> {
        self.text(column)?.map(|text| parse(text, what)).transpose()
    }

    /// What a column holds that is one word of an enumeration.
    fn word<T: DeserializeOwned>(&self, column: usize, what: &'static str) -> Result<T>
    where
        Self: Sized,
    {
        let text: &str = self.get(column)?;
        let word: StrDeserializer<'_, serde::de::value::Error> =
            serde::de::IntoDeserializer::into_deserializer(text);
        T::deserialize(word).map_err(|_| damaged(what, text))
    }
}

fn parse<'r, T: Deserialize<'r>>(text: &'r str, what: &'static str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| damaged(what, format_args!("{error}: {text}")))
}

/// What a name or a code stands for.
pub(super) fn known<T>(what: &'static str, value: Option<T>, stored: impl ToString) -> Result<T> {
    value.ok_or_else(|| damaged(what, stored))
}

pub(crate) fn duration(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

impl<R> Columns for R
where
    R: Kept,
    usize: ColumnIndex<R>,
    for<'r> bool: Decode<'r, R::Database>,
    for<'r> i64: Decode<'r, R::Database>,
    for<'r> f64: Decode<'r, R::Database>,
    for<'r> &'r str: Decode<'r, R::Database>,
    for<'r> &'r [u8]: Decode<'r, R::Database>,
    for<'r> Uuid: Decode<'r, R::Database>,
    for<'r> R::Instant: Decode<'r, R::Database>,
{
    fn name(&self, column: usize) -> &str {
        self.columns().get(column).map_or("?", |column| column.name())
    }

    fn flag(&self, column: usize) -> Result<Option<bool>> {
        decode(self, column)
    }

    fn integer(&self, column: usize) -> Result<Option<i64>> {
        decode(self, column)
    }

    fn float(&self, column: usize) -> Result<Option<f64>> {
        decode(self, column)
    }

    fn text(&self, column: usize) -> Result<Option<&str>> {
        decode(self, column)
    }

    fn bytes(&self, column: usize) -> Result<Option<&[u8]>> {
        decode(self, column)
    }

    fn id(&self, column: usize) -> Result<Option<Uuid>> {
        decode(self, column)
    }

    fn instant(&self, column: usize) -> Result<Option<DateTime<Utc>>> {
        decode(self, column)?.map(<R as Kept>::instant).transpose()
    }
}

fn decode<'r, R, T>(row: &'r R, column: usize) -> Result<Option<T>>
where
    R: Row + Columns,
    usize: ColumnIndex<R>,
    T: Decode<'r, R::Database>,
{
    row.try_get_unchecked(column).map_err(|error| {
        damaged("row", format_args!("column `{}`: {error}", Columns::name(row, column)))
    })
}

/// A type of what columns hold.
pub(crate) trait Value<'r>: Sized {
    /// `None` if it is NULL.
    fn of(row: &'r impl Columns, column: usize) -> Result<Option<Self>>;
}

/// A value, or an option of one where the column may be NULL.
pub(crate) trait Field<'r>: Sized {
    fn of(row: &'r impl Columns, column: usize) -> Result<Self>;
}

impl<'r, T: Value<'r>> Field<'r> for T {
    fn of(row: &'r impl Columns, column: usize) -> Result<Self> {
        let value = <T as Value>::of(row, column)?;
        value.ok_or_else(|| damaged("row", format_args!("column `{}` is NULL", row.name(column))))
    }
}

impl<'r, T: Value<'r>> Field<'r> for Option<T> {
    fn of(row: &'r impl Columns, column: usize) -> Result<Self> {
        <T as Value>::of(row, column)
    }
}

/// Implements [`Value`] by what a column gives, and what is made of that.
macro_rules! values {
    ($($type:ty: $read:ident, $of:expr;)+) => {
        $(impl<'r> Value<'r> for $type {
            fn of(row: &'r impl Columns, column: usize) -> Result<Option<Self>> {
                row.$read(column)?.map($of).transpose()
            }
        })+
    };
}

values! {
    bool: flag, Ok;
    i16: integer, narrow;
    i32: integer, narrow;
    u32: integer, narrow;
    i64: integer, Ok;
    u64: integer, |count| Ok(count.cast_unsigned());
    f64: float, Ok;
    &'r str: text, Ok;
    String: text, |text| Ok(text.to_owned());
    &'r [u8]: bytes, Ok;
    Uuid: id, Ok;
    JobId: id, |id| Ok(id.into());
    BatchId: id, |id| Ok(id.into());
    DateTime<Utc>: instant, Ok;
    Duration: integer, |micros| Ok(duration(micros));
}

fn narrow<T: TryFrom<i64>>(number: i64) -> Result<T> {
    T::try_from(number).map_err(|_| damaged("number", number))
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use sqlx::{Connection, SqliteConnection};

    use super::*;

    #[tokio::test]
    async fn what_a_column_cannot_hold_is_named() -> std::result::Result<(), sqlx::Error> {
        let mut database = SqliteConnection::connect("sqlite::memory:").await?;
        let query = sqlx::query("SELECT 70000 AS large, NULL AS missing, 'maybe' AS word");
        let row = query.fetch_one(&mut database).await?;
        assert!(matches!(Columns::get(&row, 0), Ok(70_000_i32)));
        assert!(matches!(Columns::get::<Option<String>>(&row, 1), Ok(None)));
        let errors = [
            (Columns::get::<i16>(&row, 0).err(), "70000"),
            (Columns::get::<String>(&row, 1).err(), "`missing` is NULL"),
            (Columns::get::<Uuid>(&row, 2).err(), "`word`"),
            (row.word::<crate::job::State>(2, "state").err(), "state is damaged: maybe"),
            (row.json::<bool>(2, "answer").err(), "answer is damaged"),
        ];
        for (error, expected) in errors {
            let error = error.expect("an error").to_string();
            assert!(error.contains(expected), "{error}");
        }
        Ok(())
    }
}
