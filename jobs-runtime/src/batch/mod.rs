//! Batches: sets of jobs with one end.

mod body;
mod builder;
mod handle;
mod next;
mod status;
mod store;
mod workflow;

use std::fmt;
use std::marker::PhantomData;

use body::{Body, Member};
use builder::builder_methods;
pub use handle::BatchHandle;
pub use next::Continuation;
pub use status::{BatchCounts, BatchRecord, BatchState, OnFailure};
pub use store::EnqueueBatch;
pub use workflow::{Node, Workflow};

use crate::job::{Job, NoInput};
use crate::request::{HandsOver, JobRequest, Trigger};

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

    builder_methods!(T);

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
