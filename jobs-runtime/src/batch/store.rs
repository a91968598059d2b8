//! Storing a batch or a workflow.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;

use super::BatchHandle;
use super::body::Body;
use crate::client::Client;
use crate::error::Error;
use crate::storage::{Graph, StoredGraph, Transaction};

/// A batch or a workflow on its way into the storage: `.await` stores all of it in one
/// transaction, and it is durable when that returns.
///
/// # Errors
/// Awaiting gives an error that names the value for a name that is not allowed, and for each
/// request as [`Enqueue`](crate::Enqueue) does; [`Error::UnknownParent`] for a node that waits for
/// one that is not stored and was not added before it; [`Error::OwnBatch`] for one that waits for
/// a batch that it is in. Nothing is stored then.
#[must_use = "a batch is stored by `.await`"]
pub struct EnqueueBatch<T> {
    body: Body,
    client: Option<Client>,
    output: PhantomData<fn() -> T>,
}

impl<T> EnqueueBatch<T> {
    pub(super) fn new(body: Body, client: Option<Client>) -> Self {
        Self { body, client, output: PhantomData }
    }
}

impl<T> IntoFuture for EnqueueBatch<T> {
    type Output = Result<BatchHandle<T>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        // Taken at the call and not at the first poll: a spawned task has no scope of its own.
        let client = self.client.map_or_else(Client::current, Ok);
        let id = self.body.id;
        let graph = client.and_then(|client| {
            let graph = self.body.into_graph(client.limits())?;
            Ok((client, graph))
        });
        Box::pin(async move {
            let (client, graph): (Client, Graph) = graph?;
            let stored = client.store_graph(&graph).await?;
            Ok(handle(id, stored, client))
        })
    }
}

pub(super) async fn store_in<T>(
    body: Body,
    client: &Client,
    transaction: Transaction<'_>,
) -> Result<BatchHandle<T>, Error> {
    let id = body.id;
    let graph = body.into_graph(client.limits())?;
    let stored = client.storage().store_graph_in(transaction, graph, client.retention()).await?;
    Ok(handle(id, stored, client.clone()))
}

fn handle<T>(id: crate::job::BatchId, stored: StoredGraph, client: Client) -> BatchHandle<T> {
    let left_out = stored.left_out.into_iter().map(|(_, holder)| holder).collect();
    BatchHandle::new(id, left_out, client)
}

impl<T> fmt::Debug for EnqueueBatch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EnqueueBatch").field(&self.body.id).finish()
    }
}
