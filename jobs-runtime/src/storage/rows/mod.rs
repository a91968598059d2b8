//! What the rows of statements mean, once for all databases.
//!
//! Each reader takes the columns by their places, which a statement has in the same order in every
//! database. What a database keeps in its own way is left to it: [`Kept`].

mod batches;
mod columns;
mod edges;
mod jobs;
mod recurring;
mod servers;
mod throttles;

pub(crate) use columns::{Columns, Kept, duration};
use columns::{Field, known};

use super::tables::Result;

/// What one row of a statement says.
pub(crate) trait FromRow: Sized {
    fn from_row(row: &impl Columns) -> Result<Self>;
}

pub(crate) fn read<T: FromRow>(rows: &[impl Columns]) -> Result<Vec<T>> {
    rows.iter().map(T::from_row).collect()
}

pub(crate) fn read_one<T: FromRow>(row: Option<&impl Columns>) -> Result<Option<T>> {
    row.map(T::from_row).transpose()
}

impl<A> FromRow for A
where
    A: for<'r> Field<'r>,
{
    fn from_row(row: &impl Columns) -> Result<Self> {
        row.get(0)
    }
}

impl<A, B> FromRow for (A, B)
where
    A: for<'r> Field<'r>,
    B: for<'r> Field<'r>,
{
    fn from_row(row: &impl Columns) -> Result<Self> {
        Ok((row.get(0)?, row.get(1)?))
    }
}

impl<A, B, C> FromRow for (A, B, C)
where
    A: for<'r> Field<'r>,
    B: for<'r> Field<'r>,
    C: for<'r> Field<'r>,
{
    fn from_row(row: &impl Columns) -> Result<Self> {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    }
}
