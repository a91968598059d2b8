//! Continuations.

use super::{Columns, FromRow, known};
use crate::request::HandOver;
use crate::storage::model::{AwaitingRow, Due, EdgeRow};
use crate::storage::tables::Result;

impl FromRow for EdgeRow {
    fn from_row(row: &impl Columns) -> Result<Self> {
        Ok(Self {
            child: row.get(0)?,
            position: row.get(1)?,
            parent: row.get(2)?,
            trigger: row.word(3, "trigger of a continuation")?,
            as_result: row.get(4)?,
            released: row.get(5)?,
            output: row.get(6)?,
        })
    }
}

impl FromRow for AwaitingRow {
    fn from_row(row: &impl Columns) -> Result<Self> {
        let code = row.get(2)?;
        let what = "form of what a parent hands over";
        Ok(Self {
            job: row.get(0)?,
            pending: row.get(1)?,
            hand_over: known(what, HandOver::from_code(code), code)?,
            due: match (row.get(3)?, row.get(4)?) {
                (Some(delay), _) => Due::In(delay),
                (None, Some(instant)) => Due::At(instant),
                (None, None) => Due::Now,
            },
        })
    }
}
