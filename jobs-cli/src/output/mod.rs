//! What is printed: tables for people, JSON for programs.

mod table;
mod text;

use std::fmt::Display;
use std::io::{self, Write};

use serde::Serialize;

pub(crate) use table::Table;
pub(crate) use text::{instant, json, optional_instant, plain, short, took};

/// Where a command puts its answer.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
    out: io::Stdout,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, out: io::stdout() }
    }

    /// The answer in the form that was asked for.
    ///
    /// # Errors
    /// If nothing can be written.
    pub(crate) fn answer<T: Serialize>(
        &mut self,
        value: &T,
        people: impl FnOnce(&mut People<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut out = self.out.lock();
        match self.json {
            true => {
                serde_json::to_writer_pretty(&mut out, value)?;
                writeln!(out)
            }
            false => people(&mut People { out: &mut out }),
        }
    }
}

/// Lines and tables for people. What comes from jobs is made harmless here, and nowhere else.
pub(crate) struct People<'o> {
    out: &'o mut dyn Write,
}

impl People<'_> {
    /// One line.
    pub(crate) fn line(&mut self, text: impl Display) -> io::Result<()> {
        writeln!(self.out, "{}", plain(&text.to_string()))
    }

    /// An empty line and a heading.
    pub(crate) fn heading(&mut self, text: impl Display) -> io::Result<()> {
        writeln!(self.out)?;
        self.line(text)
    }

    /// A table; in its place, if it has no rows, what would fill it.
    pub(crate) fn table(&mut self, table: &Table, empty: &str) -> io::Result<()> {
        match table.is_empty() {
            true => self.line(empty),
            false => write!(self.out, "{table}"),
        }
    }
}
