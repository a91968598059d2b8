//! The record: a file to which all processes of a test append.
//!
//! It is a file and not a table of the database under test, since it has to be written while that
//! database is away, by runs that are being cut off, and without anything to wait for. A line is
//! one write, which the kernel neither mixes with another process's nor loses with its process.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use jobs_runtime::JobId;
use serde::{Deserialize, Serialize};

/// What a process did, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Microseconds since 1970, by the clock that all processes of the machine share.
    pub at: i64,
    /// The process.
    pub pid: u32,
    /// What it did.
    #[serde(flatten)]
    pub event: Event,
}

/// Something that a process did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// It takes jobs from now on.
    Ready,
    /// It has ended, by whatever cause. Written by the test.
    Gone,
    /// An enqueue has returned.
    Stored {
        /// The job that it stored.
        job: JobId,
        /// The job's kind.
        kind: String,
        /// The job that it continues.
        parent: Option<JobId>,
    },
    /// A run has begun.
    Started {
        /// The job.
        job: JobId,
        /// The job's kind.
        kind: String,
        /// Under which it runs.
        lease: i64,
        /// Which attempt this is, counted from 1.
        attempt: u32,
    },
    /// A run has ended in its process, whether or not that was accepted.
    Ended {
        /// The job.
        job: JobId,
        /// Under which it ran.
        lease: i64,
        /// How.
        how: Ending,
    },
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The job came to its end.
    Done,
    /// The job was stopped before.
    CutShort,
}

/// Where a process notes what it does. Clones are the same record.
#[derive(Debug, Clone)]
pub struct Record(Arc<File>);

impl Record {
    /// Opens the record, or begins it.
    ///
    /// # Panics
    /// If the file cannot be opened.
    #[must_use]
    pub fn open(path: &Path) -> Self {
        let file = OpenOptions::new().create(true).append(true).open(path);
        let file = file.unwrap_or_else(|error| panic!("cannot open {}: {error}", path.display()));
        Self(Arc::new(file))
    }

    /// Notes what this process does now.
    ///
    /// # Panics
    /// If the file cannot be written.
    pub fn note(&self, event: Event) {
        self.note_of(std::process::id(), event);
    }

    /// Notes something of another process.
    ///
    /// # Panics
    /// If the file cannot be written.
    pub fn note_of(&self, pid: u32, event: Event) {
        let line = Line { at: now(), pid, event };
        let mut text = serde_json::to_string(&line).expect("a line of plain values");
        text.push('\n');
        (&*self.0).write_all(text.as_bytes()).expect("the record can be written");
    }
}

/// Reads a record while it grows.
#[derive(Debug)]
pub struct Reader {
    file: File,
    /// What has been read of a line that is not complete.
    rest: String,
    lines: Vec<Line>,
}

impl Reader {
    /// Reads the record from its beginning.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn open(path: &Path) -> Self {
        let file = File::open(path).expect("the record exists");
        Self { file, rest: String::new(), lines: Vec::new() }
    }

    /// All that has been noted so far.
    ///
    /// # Panics
    /// If the record cannot be read.
    pub fn lines(&mut self) -> &[Line] {
        self.file.read_to_string(&mut self.rest).expect("the record can be read");
        let complete = self.rest.rfind('\n').map_or(0, |end| end + 1);
        let lines = self.rest.drain(..complete).collect::<String>();
        let parsed = lines.lines().map(|line| serde_json::from_str(line).expect("a whole line"));
        self.lines.extend(parsed);
        &self.lines
    }
}

/// Microseconds since 1970.
///
/// # Panics
/// If the clock of the machine is before 1970.
#[must_use]
pub fn now() -> i64 {
    let since = SystemTime::UNIX_EPOCH.elapsed().expect("a clock after 1970");
    i64::try_from(since.as_micros()).expect("a clock before the year 294,000")
}
