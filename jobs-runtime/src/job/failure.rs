//! A failed attempt, as it is stored.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why an attempt did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FailureKind {
    /// The job returned an error.
    Error,
    /// The job panicked.
    Panic,
    /// The attempt outlasted its timeout.
    Timeout,
    /// The process died while it ran the job.
    Died,
    /// No live server has known the job's kind for too long.
    UnknownKind,
    /// The stored arguments, or what the parents handed over, do not decode.
    Undecodable,
    /// The output could not be stored.
    Output,
}

/// A failed attempt: what went wrong, in the words of the error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFailure {
    /// What sort of failure it is.
    pub kind: FailureKind,
    /// The type of the error, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_name: Option<String>,
    /// The error's own message.
    pub message: String,
    /// The messages of the errors beneath it, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// Where it happened: a backtrace, or the place of a panic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backtrace: Option<String>,
}

impl JobFailure {
    pub(crate) fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            type_name: None,
            message: message.into(),
            sources: Vec::new(),
            backtrace: None,
        }
    }
}

impl fmt::Display for JobFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for source in &self.sources {
            write!(f, ": {source}")?;
        }
        Ok(())
    }
}

impl std::error::Error for JobFailure {}
