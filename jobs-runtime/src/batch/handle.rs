//! A stored batch, as whoever stored it holds it.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{BatchRecord, Mixed, Node};
use crate::client::{Client, JobHandle};
use crate::error::{Error, WaitError};
use crate::job::{BatchId, Job, JobFailure, JobId, NoInput};
use crate::protect::{Part, open_outputs};
use crate::request::{HandOver, HandsOver, JobRequest, Parents, Trigger};
use crate::storage::Settled;

/// A stored batch or workflow whose jobs return a `T` each.
pub struct BatchHandle<T> {
    id: BatchId,
    left_out: Vec<JobId>,
    client: Client,
    output: PhantomData<fn() -> T>,
}

impl<T> BatchHandle<T> {
    pub(crate) fn new(id: BatchId, left_out: Vec<JobId>, client: Client) -> Self {
        Self { id, left_out, client, output: PhantomData }
    }

    /// The id of the batch.
    #[must_use]
    pub fn id(&self) -> BatchId {
        self.id
    }

    /// The jobs that hold the unique keys of members which were therefore left out.
    #[must_use]
    pub fn left_out(&self) -> &[JobId] {
        &self.left_out
    }

    /// A handle to the job that this node of a workflow has become.
    #[must_use]
    pub fn job<U>(&self, node: &Node<U>) -> JobHandle<U> {
        self.client.handle(node.id())
    }

    /// A handle to the batch that this node of a workflow has become.
    #[must_use]
    pub fn batch<U>(&self, node: &Node<Vec<U>>) -> BatchHandle<U> {
        BatchHandle::new(BatchId::of(node.id()), Vec::new(), self.client.clone())
    }

    /// Where the batch and its members stand.
    ///
    /// # Errors
    /// [`Error::UnknownBatch`] if it is not stored any longer; [`Error::Storage`].
    pub async fn status(&self) -> Result<BatchRecord, Error> {
        let record = self.client.batch(self.id).await?;
        record.ok_or(Error::UnknownBatch { batch: self.id })
    }

    /// Deletes every job that is not final, those that wait as well as those that run, and those
    /// of the batches inside; takes no more jobs. Gives how many were deleted.
    ///
    /// Goes on by itself, should this process end in the middle of it, as long as a server is up.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn cancel(&self) -> Result<u64, Error> {
        self.client.cancel_batch(self.id).await
    }

    /// Puts every Failed job, and those of the batches inside, at the end of its line, with all
    /// its attempts before it. Gives how many.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn requeue_failed(&self) -> Result<u64, Error> {
        self.client.requeue_failed(self.id).await
    }

    /// Adds a job while the batch is open; a running job is in an open batch.
    ///
    /// # Errors
    /// [`Error::BatchClosed`] if it has ended or was cancelled; as [`Enqueue`](crate::Enqueue).
    pub async fn add<J: Job>(&self, request: JobRequest<J>) -> Result<JobHandle<J::Output>, Error> {
        let mut added = self.add_all([request]).await?;
        added.pop().ok_or(Error::UnknownBatch { batch: self.id })
    }

    /// Adds any number of jobs in one transaction, all or none.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub async fn add_all<J: Job>(
        &self,
        requests: impl IntoIterator<Item = JobRequest<J>>,
    ) -> Result<Vec<JobHandle<J::Output>>, Error> {
        self.client.join_batch(self.id, requests).await
    }

    async fn until_ended(&self, timeout: Option<Duration>) -> Result<(), WaitError> {
        match self.client.until_settled(self.id.node(), timeout).await? {
            Settled::Succeeded { .. } => Ok(()),
            Settled::Failed { failure } => Err(WaitError::Failed(failure.into())),
            Settled::Deleted { reason, failure } => {
                Err(WaitError::Deleted { reason, failure: failure.map(Box::new) })
            }
        }
    }
}

impl<T: DeserializeOwned> BatchHandle<T> {
    /// Waits until the batch has ended, and gives what its jobs returned, in the order in which
    /// they were added. A batch that is stuck is waited for.
    ///
    /// # Errors
    /// [`WaitError`]: how it ended instead, or that the storage does not answer.
    pub async fn wait(&self) -> Result<Vec<T>, WaitError> {
        self.until_ended(None).await?;
        self.outputs().await
    }

    /// As [`wait`](Self::wait), for at most this long.
    ///
    /// # Errors
    /// As [`wait`](Self::wait), and [`WaitError::TimedOut`].
    pub async fn wait_timeout(&self, timeout: Duration) -> Result<Vec<T>, WaitError> {
        self.until_ended(Some(timeout)).await?;
        self.outputs().await
    }

    async fn outputs(&self) -> Result<Vec<T>, WaitError> {
        let outputs = self.client.storage().batch_outputs(self.id).await?;
        let (job, keys) = (self.id.node(), self.client.storage().keys());
        let decode = |output: Option<String>| {
            let output = output.unwrap_or_else(|| "null".to_owned());
            let output = open_outputs(output, Part::Output, keys)
                .map_err(|unopened| WaitError::Encrypted { job, problem: unopened.to_string() })?;
            serde_json::from_str(&output)
                .map_err(|error| WaitError::Undecodable { job, source: error.into() })
        };
        outputs.into_iter().map(decode).collect()
    }
}

impl BatchHandle<Mixed> {
    /// Waits until the batch has ended. One that is stuck is waited for.
    ///
    /// # Errors
    /// [`WaitError`]: how it ended instead, or that the storage does not answer.
    pub async fn wait(&self) -> Result<(), WaitError> {
        self.until_ended(None).await
    }

    /// As [`wait`](Self::wait), for at most this long.
    ///
    /// # Errors
    /// As [`wait`](Self::wait), and [`WaitError::TimedOut`].
    pub async fn wait_timeout(&self, timeout: Duration) -> Result<(), WaitError> {
        self.until_ended(Some(timeout)).await
    }
}

impl<T: Serialize> HandsOver<Vec<T>> for &BatchHandle<T> {
    fn parents(&self) -> Parents {
        Parents::one(self.id.node(), Trigger::Succeeded, false, HandOver::One)
    }
}

impl<T: Serialize> HandsOver<Result<Vec<T>, JobFailure>> for &BatchHandle<T> {
    fn parents(&self) -> Parents {
        Parents::one(self.id.node(), Trigger::Finished, true, HandOver::One)
    }
}

impl<T> HandsOver<NoInput> for &BatchHandle<T> {
    fn parents(&self) -> Parents {
        Parents::of_ids([self.id.node()])
    }
}

impl HandsOver<NoInput> for BatchId {
    fn parents(&self) -> Parents {
        Parents::of_ids([self.node()])
    }
}

impl<T> Clone for BatchHandle<T> {
    fn clone(&self) -> Self {
        Self {
            id: self.id,
            left_out: self.left_out.clone(),
            client: self.client.clone(),
            output: PhantomData,
        }
    }
}

impl<T> fmt::Debug for BatchHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BatchHandle").field(&self.id).finish()
    }
}
