//! A batch before it is stored, whatever its jobs return.

use std::time::Duration;

use super::OnFailure;
use crate::error::Error;
use crate::job::{BatchId, Job};
use crate::request::{JobRequest, Limits, Parents, check_batch};
use crate::storage::{Graph, GraphNode, NewBatch, NewJob};

pub(crate) struct Body {
    pub(super) id: BatchId,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) on_failure: OnFailure,
    pub(super) keep: Option<Duration>,
    pub(super) parents: Parents,
    pub(super) members: Vec<Member>,
    /// What waits for its end, and stands beside it.
    pub(super) next: Vec<Member>,
}

/// Checks a request of any kind, as a member of this batch, and takes it apart.
type Request = Box<dyn FnOnce(&Limits, Option<BatchId>) -> Result<NewJob, Error> + Send>;

pub(crate) enum Member {
    Job(Request),
    Batch(Body),
}

impl Member {
    pub(super) fn job<J: Job>(request: JobRequest<J>) -> Self {
        Self::Job(Box::new(|limits, batch| request.into_member(limits, batch)))
    }

    /// Adds it to a graph, with all that is in it and waits for it.
    fn unfold(
        self,
        batch: Option<BatchId>,
        limits: &Limits,
        nodes: &mut Vec<GraphNode>,
    ) -> Result<(), Error> {
        match self {
            Self::Job(request) => nodes.push(GraphNode::Job(request(limits, batch)?)),
            Self::Batch(body) => body.unfold(batch, limits, nodes)?,
        }
        Ok(())
    }
}

impl Body {
    pub(super) fn new(name: String) -> Self {
        Self {
            id: BatchId::new(),
            name,
            description: None,
            on_failure: OnFailure::default(),
            keep: None,
            parents: Parents::default(),
            members: Vec::new(),
            next: Vec::new(),
        }
    }

    pub(super) fn into_graph(self, limits: &Limits) -> Result<Graph, Error> {
        let mut nodes = Vec::with_capacity(self.members.len() + 1);
        self.unfold(None, limits, &mut nodes)?;
        Ok(Graph { nodes })
    }

    fn unfold(
        self,
        parent: Option<BatchId>,
        limits: &Limits,
        nodes: &mut Vec<GraphNode>,
    ) -> Result<(), Error> {
        check_batch(&self.name, self.description.as_deref())?;
        let id = self.id;
        nodes.push(GraphNode::Batch(NewBatch {
            id,
            parent,
            name: self.name,
            description: self.description,
            on_failure: self.on_failure,
            keep: self.keep,
            parents: self.parents,
        }));
        for member in self.members {
            member.unfold(Some(id), limits, nodes)?;
        }
        for next in self.next {
            next.unfold(parent, limits, nodes)?;
        }
        Ok(())
    }
}
