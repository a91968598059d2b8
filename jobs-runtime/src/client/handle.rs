//! A stored job, as whoever stored it holds it.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::Client;
use crate::error::{Error, WaitError};
use crate::job::JobId;
use crate::protect::{Part, open_outputs};
use crate::storage::{Acted, Placement, Settled, Stored};

/// A stored job whose output has the type `T`.
///
/// ```no_run
/// use jobs_runtime::prelude::*;
///
/// #[job]
/// async fn add(a: u32, b: u32) -> u32 {
///     a + b
/// }
///
/// # async fn example() -> anyhow::Result<()> {
/// let sum: u32 = add::enqueue(1, 2).await?.wait().await?;
/// # Ok(()) }
/// ```
pub struct JobHandle<T> {
    id: JobId,
    held: bool,
    client: Client,
    output: PhantomData<fn() -> T>,
}

impl<T> JobHandle<T> {
    pub(crate) fn new(stored: Stored, client: Client) -> Self {
        let held = matches!(stored, Stored::Held(_));
        Self { id: stored.id(), held, client, output: PhantomData }
    }

    /// The id of the job.
    #[must_use]
    pub fn id(&self) -> JobId {
        self.id
    }

    /// Whether nothing was stored, since this job held the unique key already.
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        self.held
    }

    /// The client that the job was stored by.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Where the job is now; `None` if it is not stored (any longer).
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn state(&self) -> Result<Option<Placement>, Error> {
        Ok(self.client.job(self.id).await?.map(|record| record.placement))
    }

    /// Deletes the job: if it waits it never starts, if it runs it is told to stop.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn cancel(&self) -> Result<Acted, Error> {
        self.client.delete(self.id, None).await
    }

    /// Puts the job at the end of its line, with all its attempts before it.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn requeue(&self) -> Result<Acted, Error> {
        self.client.requeue(self.id, None).await
    }
}

impl<T: DeserializeOwned> JobHandle<T> {
    /// Waits until the job has settled, over all its retries, and gives what it returned.
    ///
    /// # Errors
    /// [`WaitError`]: how the job ended instead, or that the storage does not answer.
    pub async fn wait(&self) -> Result<T, WaitError> {
        self.output(self.client.until_settled(self.id, None).await?)
    }

    /// As [`wait`](Self::wait), for at most this long.
    ///
    /// # Errors
    /// As [`wait`](Self::wait), and [`WaitError::TimedOut`].
    pub async fn wait_timeout(&self, timeout: Duration) -> Result<T, WaitError> {
        self.output(self.client.until_settled(self.id, Some(timeout)).await?)
    }

    fn output(&self, settled: Settled) -> Result<T, WaitError> {
        match settled {
            Settled::Succeeded { output } => {
                let output = output.unwrap_or_else(|| "null".to_owned());
                let keys = self.client.storage().keys();
                let output = open_outputs(output, Part::Output, keys).map_err(|unopened| {
                    WaitError::Encrypted { job: self.id, problem: unopened.to_string() }
                })?;
                serde_json::from_str(&output)
                    .map_err(|error| WaitError::Undecodable { job: self.id, source: error.into() })
            }
            Settled::Failed { failure } => Err(WaitError::Failed(failure.into())),
            Settled::Deleted { reason, failure } => {
                Err(WaitError::Deleted { reason, failure: failure.map(Box::new) })
            }
        }
    }
}

impl<T> Clone for JobHandle<T> {
    fn clone(&self) -> Self {
        Self { id: self.id, held: self.held, client: self.client.clone(), output: PhantomData }
    }
}

impl<T> fmt::Debug for JobHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JobHandle").field(&self.id).finish()
    }
}
