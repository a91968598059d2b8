//! Graphs of jobs and batches.

use std::fmt;
use std::marker::PhantomData;

use serde::Serialize;

use super::body::{Body, Member};
use super::builder::builder_methods;
use super::{Batch, Mixed};
use crate::job::{Job, JobFailure, JobId, NoInput};
use crate::request::{HandOver, HandsOver, JobRequest, Parents, Trigger};

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

    builder_methods!(Mixed);

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
