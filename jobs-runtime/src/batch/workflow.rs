//! Graphs of jobs and batches.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde::Serialize;

use super::body::{Body, Member};
use super::store::{self, EnqueueBatch};
use super::{Batch, BatchHandle, Mixed, OnFailure};
use crate::client::Client;
use crate::error::Error;
use crate::job::{BatchId, Job, JobFailure, JobId, NoInput};
use crate::request::{HandOver, HandsOver, JobRequest, Parents, Trigger};
use crate::storage::Transaction;

/// Jobs, batches and what they wait for, not stored yet.
///
/// A node can wait only for nodes that were added before it, so there is no cycle. Stored, it is a
/// batch whose members wait for each other.
///
/// ```no_run
/// use jobs_runtime::prelude::*;
///
/// #[job]
/// async fn charge(order: u64) -> u64 {
///     order + 1_000
/// }
///
/// #[job]
/// async fn ship(#[from_parent] receipt: u64) -> String {
///     format!("parcel for receipt {receipt}")
/// }
///
/// # async fn example() -> anyhow::Result<()> {
/// let mut flow = Workflow::new("order 7");
/// let charged = flow.add(charge::job(7));
/// let shipped = flow.add(ship::job().after(&charged));
/// let flow = flow.enqueue().await?;
/// println!("{}", flow.job(&shipped).wait().await?);
/// # Ok(()) }
/// ```
#[must_use = "a workflow is stored by `.enqueue().await`"]
pub struct Workflow {
    body: Body,
}

impl Workflow {
    /// A workflow without nodes. The name is for people: 1 to 200 characters.
    pub fn new(name: impl Into<String>) -> Self {
        Self { body: Body::new(name.into()) }
    }

    /// The id that it will have.
    #[must_use]
    pub fn id(&self) -> BatchId {
        self.body.id
    }

    /// As [`Batch::description`].
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.body.description = Some(text.into());
        self
    }

    /// As [`Batch::on_failure`].
    pub fn on_failure(mut self, on_failure: OnFailure) -> Self {
        self.body.on_failure = on_failure;
        self
    }

    /// As [`Batch::keep`].
    pub fn keep(mut self, keep: Duration) -> Self {
        self.body.keep = Some(keep);
        self
    }

    /// Adds a job; gives the node by which later ones can wait for it.
    pub fn add<J: Job>(&mut self, request: JobRequest<J>) -> Node<J::Output> {
        let node = Node::of(request.id());
        self.body.members.push(Member::job(request));
        node
    }

    /// Adds a batch; gives the node by which later ones can wait for all of it.
    pub fn add_batch<T>(&mut self, batch: Batch<T>) -> Node<Vec<T>> {
        let node = batch.node();
        self.body.members.push(Member::Batch(batch.body));
        node
    }

    /// Stores the workflow, all of it in one transaction, by the process's default client.
    pub fn enqueue(self) -> EnqueueBatch<Mixed> {
        EnqueueBatch::new(self.body, None)
    }

    /// Stores the workflow by this client.
    pub fn enqueue_with(self, client: &Client) -> EnqueueBatch<Mixed> {
        EnqueueBatch::new(self.body, Some(client.clone()))
    }

    /// As [`Batch::enqueue_in`].
    ///
    /// # Errors
    /// As [`Batch::enqueue_in`].
    pub async fn enqueue_in<'t>(
        self,
        transaction: impl Into<Transaction<'t>>,
    ) -> Result<BatchHandle<Mixed>, Error> {
        let client = Client::current()?;
        self.enqueue_in_with(&client, transaction).await
    }

    /// As [`Batch::enqueue_in_with`].
    ///
    /// # Errors
    /// As [`Batch::enqueue_in`].
    pub async fn enqueue_in_with<'t>(
        self,
        client: &Client,
        transaction: impl Into<Transaction<'t>>,
    ) -> Result<BatchHandle<Mixed>, Error> {
        store::store_in(self.body, client, transaction.into()).await
    }
}

impl fmt::Debug for Workflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workflow")
            .field("id", &self.body.id)
            .field("name", &self.body.name)
            .field("nodes", &self.body.members.len())
            .finish_non_exhaustive()
    }
}

/// A job or a batch of a workflow, which hands over a `T`.
pub struct Node<T> {
    id: JobId,
    output: PhantomData<fn() -> T>,
}

impl<T> Node<T> {
    pub(super) fn of(id: JobId) -> Self {
        Self { id, output: PhantomData }
    }

    pub(super) fn id(&self) -> JobId {
        self.id
    }
}

impl<T> Clone for Node<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Node<T> {}

impl<T> fmt::Debug for Node<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Node").field(&self.id).finish()
    }
}

impl<T: Serialize> HandsOver<T> for &Node<T> {
    fn parents(&self) -> Parents {
        Parents::one(self.id, Trigger::Succeeded, false, HandOver::One)
    }
}

impl<T: Serialize> HandsOver<Result<T, JobFailure>> for &Node<T> {
    fn parents(&self) -> Parents {
        Parents::one(self.id, Trigger::Finished, true, HandOver::One)
    }
}

// `NoInput` is not `Serialize`, which keeps this apart from the first of these.
impl<T> HandsOver<NoInput> for &Node<T> {
    fn parents(&self) -> Parents {
        Parents::of_ids([self.id])
    }
}
