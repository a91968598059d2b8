//! Batches: sets of jobs with one end.

mod body;
mod handle;
mod next;
mod status;
mod store;
mod workflow;

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use body::{Body, Member};
pub use handle::BatchHandle;
pub use next::Continuation;
pub use status::{BatchCounts, BatchRecord, BatchState, OnFailure};
pub use store::EnqueueBatch;
pub use workflow::{Node, Workflow};

use crate::client::Client;
use crate::error::Error;
use crate::job::{BatchId, Job, NoInput};
use crate::request::{HandsOver, JobRequest, Trigger};
use crate::storage::Transaction;

/// Stands for the output of a batch of jobs of several types, of which nothing is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mixed;

/// Jobs with one end, not stored yet; each returns a `T`.
///
/// ```no_run
/// use jobs_runtime::prelude::*;
///
/// #[job]
/// async fn resize(image: u64) -> u64 {
///     image / 2
/// }
///
/// #[job]
/// async fn publish(#[from_parent] sizes: Vec<u64>) {
///     println!("{} images", sizes.len());
/// }
///
/// # async fn example() -> anyhow::Result<()> {
/// let batch = Batch::new("gallery")
///     .add_all((0..100).map(resize::job))
///     .then(publish::job())
///     .enqueue()
///     .await?;
/// let sizes: Vec<u64> = batch.wait().await?;
/// # Ok(()) }
/// ```
#[must_use = "a batch is stored by `.enqueue().await`"]
pub struct Batch<T> {
    body: Body,
    output: PhantomData<fn() -> T>,
}

impl Batch<Mixed> {
    /// A batch of jobs of any types: see [`add_any`](Self::add_any).
    pub fn mixed(name: impl Into<String>) -> Self {
        Self::of(Body::new(name.into()))
    }
}

impl<T> Batch<T> {
    fn of(body: Body) -> Self {
        Self { body, output: PhantomData }
    }

    /// A batch without jobs. The name is for people: 1 to 200 characters.
    pub fn new(name: impl Into<String>) -> Self {
        Self::of(Body::new(name.into()))
    }

    /// The id that the batch will have.
    #[must_use]
    pub fn id(&self) -> BatchId {
        self.body.id
    }

    /// A sentence or two that is stored and shown with it: up to 2,000 characters.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.body.description = Some(text.into());
        self
    }

    /// What becomes of it when all that is left of it are Failed jobs.
    pub fn on_failure(mut self, on_failure: OnFailure) -> Self {
        self.body.on_failure = on_failure;
        self
    }

    /// How long the batch and its jobs are kept after its end; the runtime's default is one day.
    pub fn keep(mut self, keep: Duration) -> Self {
        self.body.keep = Some(keep);
        self
    }

    /// Adds a job.
    #[allow(clippy::should_implement_trait, reason = "nothing is summed up")]
    pub fn add<J: Job<Output = T>>(mut self, request: JobRequest<J>) -> Self {
        self.body.members.push(Member::job(request));
        self
    }

    /// Adds any number of jobs, in this order.
    pub fn add_all<J: Job<Output = T>>(
        mut self,
        requests: impl IntoIterator<Item = JobRequest<J>>,
    ) -> Self {
        self.body.members.extend(requests.into_iter().map(Member::job));
        self
    }

    /// Adds a job that may return another type; the batch then hands over nothing.
    pub fn add_any<J: Job>(mut self, request: JobRequest<J>) -> Batch<Mixed> {
        self.body.members.push(Member::job(request));
        Batch::of(self.body)
    }

    /// Adds a batch, which counts as one member; the outer one then hands over nothing.
    pub fn add_batch<U>(mut self, batch: Batch<U>) -> Batch<Mixed> {
        self.body.members.push(Member::Batch(batch.body));
        Batch::of(self.body)
    }

    /// Its jobs wait until these have succeeded.
    pub fn after(self, parents: impl HandsOver<NoInput>) -> Self {
        self.hanging_on(parents, Trigger::Succeeded)
    }

    /// Its jobs wait until these have failed.
    pub fn after_failed(self, parents: impl HandsOver<NoInput>) -> Self {
        self.hanging_on(parents, Trigger::Failed)
    }

    /// Its jobs wait until these have settled, however they end.
    pub fn after_finished(self, parents: impl HandsOver<NoInput>) -> Self {
        self.hanging_on(parents, Trigger::Finished)
    }

    /// Its jobs wait until these were deleted.
    pub fn after_deleted(self, parents: impl HandsOver<NoInput>) -> Self {
        self.hanging_on(parents, Trigger::Deleted)
    }

    fn hanging_on(mut self, parents: impl HandsOver<NoInput>, trigger: Trigger) -> Self {
        self.body.parents.join(parents.parents().on(trigger));
        self
    }

    /// Stores with it a job or a batch that waits until it has succeeded. A job with a
    /// `#[from_parent]` parameter takes what the jobs returned, as a `Vec<T>` in their order; or,
    /// as a `Result<Vec<T>, JobFailure>`, however the batch ends.
    pub fn then(mut self, next: impl Continuation<Vec<T>>) -> Self {
        let next = next.following(&self.node(), None);
        self.body.next.push(next.0);
        self
    }

    /// Stores with it a job or a batch that waits until it has failed, as
    /// [`OnFailure::Finish`] lets it.
    pub fn then_failed(self, next: impl Continuation<NoInput>) -> Self {
        self.followed(next, Trigger::Failed)
    }

    /// Stores with it a job or a batch that waits until it has ended, however that is.
    pub fn then_finished(self, next: impl Continuation<NoInput>) -> Self {
        self.followed(next, Trigger::Finished)
    }

    fn followed(mut self, next: impl Continuation<NoInput>, trigger: Trigger) -> Self {
        let next = next.following(&Node::of(self.body.id.node()), Some(trigger));
        self.body.next.push(next.0);
        self
    }

    fn node(&self) -> Node<Vec<T>> {
        Node::of(self.body.id.node())
    }

    /// Stores the batch, all of it in one transaction, by the process's default client.
    pub fn enqueue(self) -> EnqueueBatch<T> {
        EnqueueBatch::new(self.body, None)
    }

    /// Stores the batch by this client.
    pub fn enqueue_with(self, client: &Client) -> EnqueueBatch<T> {
        EnqueueBatch::new(self.body, Some(client.clone()))
    }

    /// Stores the batch inside the caller's own transaction, on the database of the default
    /// client. Workers see its jobs within a second of the commit, or at once after
    /// [`Client::wake`].
    ///
    /// # Errors
    /// As [`EnqueueBatch`]; and [`Error::ForeignTransaction`] if the transaction is of another
    /// database than the client's.
    pub async fn enqueue_in<'t>(
        self,
        transaction: impl Into<Transaction<'t>>,
    ) -> Result<BatchHandle<T>, Error> {
        let client = Client::current()?;
        self.enqueue_in_with(&client, transaction).await
    }

    /// As [`enqueue_in`](Self::enqueue_in), on the database of this client.
    ///
    /// # Errors
    /// As [`enqueue_in`](Self::enqueue_in).
    pub async fn enqueue_in_with<'t>(
        self,
        client: &Client,
        transaction: impl Into<Transaction<'t>>,
    ) -> Result<BatchHandle<T>, Error> {
        store::store_in(self.body, client, transaction.into()).await
    }
}

impl<T> fmt::Debug for Batch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("id", &self.body.id)
            .field("name", &self.body.name)
            .field("members", &self.body.members.len())
            .finish_non_exhaustive()
    }
}
