//! Log lines and progress of a running job.

use super::JobContext;
use crate::error::Error;

/// The longest log line that is kept, in bytes; a longer one is cut at a character.
const LONGEST_LINE: usize = 8 * 1024;

impl JobContext {
    /// Keeps a line of log with the job, 10,000 a job at most.
    ///
    /// # Errors
    /// [`Error::Storage`] if the line cannot be stored.
    pub async fn log(&self, line: impl Into<String>) -> Result<(), Error> {
        // PostgreSQL has no text with a zero character in it.
        let mut line = line.into().replace('\0', "\u{fffd}");
        let mut end = line.len().min(LONGEST_LINE);
        while !line.is_char_boundary(end) {
            end -= 1;
        }
        line.truncate(end);
        self.client().storage().log(self.0.id, self.0.run, line).await
    }

    /// Stores how far the job has come: `done` of `total`.
    ///
    /// # Errors
    /// [`Error::Storage`] if it cannot be stored.
    pub async fn progress(&self, done: usize, total: usize) -> Result<(), Error> {
        let (done, total) = (i64_of(done), i64_of(total));
        self.client().storage().progress(self.0.id, done, total).await
    }
}

fn i64_of(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
