//! What the program says by its exit code. The list in `cli.rs` is for users; keep both the same.

use std::fmt;
use std::io;
use std::process::ExitCode;

use jobs_runtime::Error;

use crate::output::plain;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    Done = 0,
    /// The database does not answer, or something else went wrong.
    Failed = 1,
    /// The command, or a value in it, is not one; clap ends with this code as well.
    Usage = 2,
    NotFound = 3,
    Unchanged = 4,
    /// A job that was waited for did not succeed.
    Unsuccessful = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A command that cannot be carried out as it was given.
#[derive(Debug)]
pub(crate) struct Usage(String);

impl Usage {
    pub(crate) fn new(problem: impl Into<String>) -> Self {
        Self(problem.into())
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// Says what went wrong, and gives the code for it.
pub(crate) fn report(error: &anyhow::Error) -> Exit {
    // Whoever reads has enough, as `head` does.
    let closed = error.downcast_ref::<io::Error>().map(io::Error::kind);
    if closed == Some(io::ErrorKind::BrokenPipe) {
        return Exit::Done;
    }
    // The messages of the library hold those beneath them already.
    let text = match error.is::<Error>() {
        true => error.to_string(),
        false => format!("{error:#}"),
    };
    eprintln!("error: {}", plain(&text));
    code_of(error)
}

fn code_of(error: &anyhow::Error) -> Exit {
    match error.downcast_ref::<Error>() {
        Some(Error::Storage(_) | Error::Setting(_)) => Exit::Failed,
        Some(Error::UnknownBatch { .. }) => Exit::NotFound,
        // The others name a value that is not allowed.
        Some(_) => Exit::Usage,
        None if error.is::<Usage>() => Exit::Usage,
        None => Exit::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_says_whose_fault_it_is() {
        let queue = Error::InvalidQueue { queue: "No".to_owned() };
        assert_eq!(code_of(&queue.into()), Exit::Usage);
        assert_eq!(code_of(&Usage::new("no").into()), Exit::Usage);
        assert_eq!(code_of(&Error::Setting("no".to_owned()).into()), Exit::Failed);
        assert_eq!(code_of(&io::Error::other("no").into()), Exit::Failed);
        let closed = io::Error::from(io::ErrorKind::BrokenPipe);
        assert_eq!(report(&closed.into()), Exit::Done);
    }
}
