//! Finding jobs.

use super::Client;
use crate::error::Error;
use crate::storage::{JobFilter, JobPage};

impl Client {
    /// The jobs that match, a page of them.
    ///
    /// # Errors
    /// [`Error::InvalidCursor`]; [`Error::Storage`] if the storage does not answer.
    pub async fn search(&self, filter: &JobFilter) -> Result<JobPage, Error> {
        filter.check()?;
        Ok(self.storage().search(filter).await?)
    }
}
