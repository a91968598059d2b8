//! Log lines and progress of a running job.

use std::sync::atomic::Ordering;

use super::JobContext;
use crate::error::Error;

/// The longest log line that is kept, in bytes; a longer one is cut at a character.
const LONGEST_LINE: usize = 8 * 1024;

impl JobContext {
    /// Keeps a line of log with the job, 10,000 lines a job: the last one then says that the rest
    /// was cut.
    ///
    /// Lines of all jobs are written in batches, in their order, with the times at which they were
    /// logged. This returns when the line waits to be written; the end of the run is written after
    /// it, so that whoever sees the job ended sees all of its lines. A process that dies takes the
    /// lines of its last moment along. When 1,000 lines wait, it returns when there is room again.
    ///
    /// # Errors
    /// [`Error::Storage`] if there is no room for the line since the storage does not answer.
    pub async fn log(&self, line: impl Into<String>) -> Result<(), Error> {
        // PostgreSQL has no text with a zero character in it.
        let mut line = line.into().replace('\0', "\u{fffd}");
        line.truncate(line.floor_char_boundary(LONGEST_LINE));
        let journal = &self.0.runtime.journal;
        let batch = journal.log(self.0.id, self.0.run, line, &self.0.kept_lines).await?;
        if let Some(batch) = batch {
            self.0.reported.fetch_max(batch, Ordering::AcqRel);
        }
        Ok(())
    }

    /// Notes how far the job has come: `done` of `total`. Written like [`log`](Self::log); of what
    /// is noted faster than it can be written, only the newest is.
    ///
    /// # Errors
    /// None at present.
    pub async fn progress(&self, done: usize, total: usize) -> Result<(), Error> {
        let batch = self.0.runtime.journal.progress(self.0.id, i64_of(done), i64_of(total));
        self.0.reported.fetch_max(batch, Ordering::AcqRel);
        Ok(())
    }

    /// Waits until all that the job has reported is written.
    pub(crate) async fn until_reported(&self) {
        match self.0.reported.load(Ordering::Acquire) {
            0 => {}
            batch => self.0.runtime.journal.until_written(batch).await,
        }
    }

    /// Adds a tag to the job, by which it is found from now on: up to 50 characters, up to 20 tags
    /// a job. A tag that it has already is not an error.
    ///
    /// ```
    /// use jobs_runtime::prelude::*;
    ///
    /// #[job]
    /// async fn import(file: String, ctx: JobContext) -> anyhow::Result<()> {
    ///     if file.ends_with(".csv") {
    ///         ctx.tag("csv").await?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidTag`], [`Error::TooManyTags`]; [`Error::Storage`] if it cannot be stored.
    pub async fn tag(&self, tag: impl Into<String>) -> Result<(), Error> {
        self.client().storage().tag(self.0.id, tag.into()).await
    }
}

fn i64_of(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
