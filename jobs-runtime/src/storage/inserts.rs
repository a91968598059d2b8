//! Inserts of many rows, for databases without arrays: SQLite and MySQL.
//!
//! Each statement is a message to the database and back, which costs as much as several rows; so
//! many rows go into one statement. It is rendered for a few numbers of rows only, so that each is
//! prepared once.

use std::iter;

use sqlx::encode::Encode;
use sqlx::error::BoxDynError;
use sqlx::query::Query;
use sqlx::{Arguments, Database, IntoArguments, SqlStr, Type};

use super::sql::Render;
use super::tables::Result;

/// Numbers of rows in one statement.
const SIZES: [usize; 9] = [256, 128, 64, 32, 16, 8, 4, 2, 1];

/// One INSERT for each of the sizes.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    /// Values that are bound for a row.
    values: usize,
    statements: [SqlStr; SIZES.len()],
}

impl Batch {
    /// `table` and `columns` as in `INSERT INTO table (columns)`, and the values of a row, of which
    /// some may be more than a `?`; `end` is what follows the rows.
    pub(super) fn render(
        render: &Render,
        table: &str,
        columns: &str,
        row: &str,
        end: &str,
    ) -> Self {
        let statement = |size| {
            let rows = vec![format!("({row})"); size].join(",");
            render.sql(&format!("INSERT INTO {table} ({columns}) VALUES {rows} {end}"))
        };
        Self { values: row.matches('?').count(), statements: SIZES.map(statement) }
    }

    /// All of them, so that a test can prepare each.
    #[cfg(test)]
    pub(super) fn statements(&self) -> &[SqlStr] {
        &self.statements
    }

    /// The rows in their order, as many at a time as one of the statements takes.
    pub(super) fn chunks<'b, R>(
        &'b self,
        mut rows: &'b [R],
    ) -> impl Iterator<Item = (&'b SqlStr, &'b [R])> {
        iter::from_fn(move || {
            let fits = |(size, _): &(&usize, &SqlStr)| **size <= rows.len();
            let (size, sql) = SIZES.iter().zip(&self.statements).find(fits)?;
            let (chunk, rest) = rows.split_at(*size);
            rows = rest;
            Some((sql, chunk))
        })
    }

    /// The statement with the values of these rows, which `add` adds in the order of the columns.
    pub(super) fn query<DB: Database, R>(
        &self,
        sql: &SqlStr,
        rows: &[R],
        mut add: impl FnMut(&mut Values<DB>, &R),
    ) -> Result<Query<'static, DB, DB::Arguments>>
    where
        DB::Arguments: IntoArguments<DB>,
    {
        let mut values = Values::with_capacity(rows.len() * self.values);
        for row in rows {
            add(&mut values, row);
        }
        values.into_query(sql)
    }
}

/// The values of the rows of one statement.
pub(super) struct Values<DB: Database> {
    arguments: DB::Arguments,
    /// The first that could not be encoded; later ones would be in wrong places.
    error: Option<BoxDynError>,
}

impl<DB: Database> Values<DB> {
    pub(super) fn with_capacity(values: usize) -> Self {
        let mut arguments = DB::Arguments::default();
        arguments.reserve(values, 0);
        Self { arguments, error: None }
    }

    pub(super) fn add<'v, T: Encode<'v, DB> + Type<DB>>(&mut self, value: T) -> &mut Self {
        if self.error.is_none() {
            self.error = self.arguments.add(value).err();
        }
        self
    }

    pub(super) fn into_query(self, sql: &SqlStr) -> Result<Query<'static, DB, DB::Arguments>>
    where
        DB::Arguments: IntoArguments<DB>,
    {
        match self.error {
            None => Ok(sqlx::query_with(sql.clone(), self.arguments)),
            Some(error) => Err(sqlx::Error::Encode(error).into()),
        }
    }
}
