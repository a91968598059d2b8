//! Storing batches, workflows, and jobs that join a batch.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Effects;
use super::drop::{drop_batch, drop_waiting};
use super::enqueue::{Answers, store_free, store_waiting};
use super::keys::hold_keys;
use super::parents::Known;
use super::retain::Retention;
use super::settle::{settle, settle_batches};
use super::tag::store_tags;
use crate::batch::{BatchCounts, BatchState};
use crate::error::Error;
use crate::job::{BatchId, JobId, State};
use crate::request::HandOver;
use crate::storage::batches::{BatchRow, Graph, MemberRow, NewBatch, Node};
use crate::storage::model::{AwaitingRow, Due, EdgeRow, NewJob, Stored};
use crate::storage::tables::{Result, Tables};

/// What became of a graph that was stored.
#[derive(Debug, Default)]
pub(crate) struct StoredGraph {
    /// Jobs that were left out, each with the job that holds its unique key.
    pub(crate) left_out: Vec<(JobId, JobId)>,
}

type Answer = std::result::Result<StoredGraph, Error>;

/// Stores a graph, all of it or, on an error, nothing: the caller rolls back.
pub(crate) async fn store_graph(
    t: &mut impl Tables,
    mut graph: Graph,
    retention: &Retention,
    effects: &mut Effects,
) -> Result<Answer> {
    let left_out = match leave_out(t, &mut graph).await? {
        Ok(left_out) => left_out,
        Err(error) => return Ok(Err(error)),
    };
    let new: BTreeSet<JobId> = graph.nodes.iter().map(Node::id).collect();
    let known = Known::of(t, graph.nodes.iter().map(Node::parents), &new).await?;
    if let Err(error) = check(&graph, &known, None) {
        return Ok(Err(error));
    }
    let members = members_of(&graph, &HashMap::new());
    let mut totals: HashMap<BatchId, u64> = HashMap::new();
    for member in &members {
        *totals.entry(member.batch).or_default() += 1;
    }
    let (mut jobs, mut batches) = (Vec::with_capacity(graph.nodes.len()), Vec::new());
    for node in graph.nodes {
        match node {
            Node::Job(job) => jobs.push(job),
            Node::Batch(batch) => batches.push(batch),
        }
    }
    let begun = begin(t, &batches, &totals, &known).await?;
    t.insert_members(&members).await?;
    store_jobs(t, jobs, &known, &begun.closed, retention, effects).await?;
    let mut touched = begun.empty;
    let mut dropped = Vec::new();
    for (batch, cause) in begun.dropped {
        drop_batch(t, batch, cause, &mut dropped, &mut touched).await?;
    }
    let ended = drop_waiting(t, &dropped, retention).await?;
    settle(t, ended, retention, effects).await?;
    settle_batches(t, touched, retention, effects).await?;
    Ok(Ok(StoredGraph { left_out }))
}

/// Adds jobs to a batch that is stored, while it is open.
pub(crate) async fn join(
    t: &mut impl Tables,
    batch: BatchId,
    jobs: Vec<NewJob>,
    retention: &Retention,
    effects: &mut Effects,
) -> Result<Answer> {
    let mut graph = Graph { nodes: jobs.into_iter().map(Node::Job).collect() };
    let left_out = match leave_out(t, &mut graph).await? {
        Ok(left_out) => left_out,
        Err(error) => return Ok(Err(error)),
    };
    let new: BTreeSet<JobId> = graph.nodes.iter().map(Node::id).collect();
    let known = Known::of(t, graph.nodes.iter().map(Node::parents), &new).await?;
    if let Err(error) = check(&graph, &known, Some(batch)) {
        return Ok(Err(error));
    }
    let mut rows = t.lock_batches(&[batch]).await?;
    let Some(row) = rows.first_mut() else { return Ok(Err(Error::UnknownBatch { batch })) };
    if !row.takes_jobs() {
        let (state, cancelled) = (row.state, row.cancelled);
        return Ok(Err(Error::BatchClosed { batch, state, cancelled }));
    }
    let first = row.counts.total;
    row.counts.total += graph.nodes.len() as u64;
    row.counts.pending += graph.nodes.len() as u64;
    let closed = if row.opened { BTreeSet::new() } else { BTreeSet::from([batch]) };
    t.save_batches(&rows).await?;
    t.insert_members(&members_of(&graph, &HashMap::from([(batch, first)]))).await?;
    let jobs = graph.nodes.into_iter().filter_map(|node| match node {
        Node::Job(job) => Some(job),
        Node::Batch(_) => None,
    });
    store_jobs(t, jobs.collect(), &known, &closed, retention, effects).await?;
    Ok(Ok(StoredGraph { left_out }))
}

async fn store_jobs(
    t: &mut impl Tables,
    jobs: Vec<NewJob>,
    known: &Known,
    closed: &BTreeSet<BatchId>,
    retention: &Retention,
    effects: &mut Effects,
) -> Result<()> {
    let waits = |job: &NewJob| {
        !job.parents.edges.is_empty() || job.batch.is_some_and(|batch| closed.contains(&batch))
    };
    store_tags(t, &jobs).await?;
    effects.store(&jobs);
    let (waiting, free): (Vec<NewJob>, Vec<NewJob>) = jobs.into_iter().partition(waits);
    store_free(t, free, effects).await?;
    store_waiting(t, &waiting, known, closed, retention, effects).await
}

/// Takes out jobs whose unique key is held; what waits for them waits for the holder instead.
async fn leave_out(
    t: &mut impl Tables,
    graph: &mut Graph,
) -> Result<std::result::Result<Vec<(JobId, JobId)>, Error>> {
    let jobs = |node: &'_ Node| match node {
        Node::Job(job) if job.unique.is_some() => Some(job.clone()),
        _ => None,
    };
    let keyed: Vec<NewJob> = graph.nodes.iter().filter_map(jobs).collect();
    if keyed.is_empty() {
        return Ok(Ok(Vec::new()));
    }
    let mut answers: Answers = keyed.iter().map(|job| Ok(Stored::New(job.id))).collect();
    hold_keys(t, &keyed.iter().collect::<Vec<_>>(), &mut answers).await?;
    let mut left_out = Vec::new();
    for (job, answer) in keyed.iter().zip(answers) {
        match answer {
            Ok(Stored::New(_)) => {}
            Ok(Stored::Held(holder)) => left_out.push((job.id, holder)),
            Err(error) => return Ok(Err(error)),
        }
    }
    let holders: HashMap<JobId, JobId> = left_out.iter().copied().collect();
    graph.nodes.retain(|node| !holders.contains_key(&node.id()));
    for node in &mut graph.nodes {
        for edge in &mut node.parents_mut().edges {
            edge.parent = holders.get(&edge.parent).copied().unwrap_or(edge.parent);
        }
    }
    Ok(Ok(left_out))
}

/// What a node waits for is stored, or comes before it; and nothing waits for a batch that it is
/// in. So there is no cycle.
fn check(graph: &Graph, known: &Known, joined: Option<BatchId>) -> std::result::Result<(), Error> {
    let mut accepted: BTreeSet<JobId> = BTreeSet::new();
    let mut around: HashMap<BatchId, Option<BatchId>> = HashMap::new();
    for node in &graph.nodes {
        let child = node.id();
        let mut enclosing = Vec::new();
        let mut next = node.batch().or(joined);
        while let Some(batch) = next {
            enclosing.push(batch.node());
            next = around.get(&batch).copied().flatten();
        }
        for edge in &node.parents().edges {
            let parent = edge.parent;
            if enclosing.contains(&parent) {
                return Err(Error::OwnBatch { batch: BatchId::of(parent), child });
            }
            if !known.contains(parent) && !accepted.contains(&parent) {
                return Err(Error::UnknownParent { parent, child });
            }
        }
        accepted.insert(child);
        if let Node::Batch(batch) = node {
            around.insert(batch.id, batch.parent);
        }
    }
    Ok(())
}

/// The members of each batch in their order, from these positions on.
fn members_of(graph: &Graph, first: &HashMap<BatchId, u64>) -> Vec<MemberRow> {
    let mut next: HashMap<BatchId, i64> = HashMap::new();
    let mut members = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let Some(batch) = node.batch() else { continue };
        let start = || i64::try_from(first.get(&batch).copied().unwrap_or(0)).unwrap_or(i64::MAX);
        let position = next.entry(batch).or_insert_with(start);
        let is_batch = matches!(node, Node::Batch(_));
        members.push(MemberRow { batch, position: *position, node: node.id(), is_batch });
        *position += 1;
    }
    members
}

/// How batches stand that have just been stored.
#[derive(Default)]
struct Begun {
    /// They wait for something.
    closed: BTreeSet<BatchId>,
    /// They have no members, and so may be at their end.
    empty: Vec<BatchId>,
    /// Those that have nothing left to wait for, each with the parent and how that ended.
    dropped: BTreeMap<BatchId, (JobId, State)>,
}

async fn begin(
    t: &mut impl Tables,
    batches: &[NewBatch],
    totals: &HashMap<BatchId, u64>,
    known: &Known,
) -> Result<Begun> {
    let mut begun = Begun::default();
    let mut edges: Vec<EdgeRow> = Vec::new();
    let mut waiting = Vec::new();
    let mut rows = Vec::with_capacity(batches.len());
    for batch in batches {
        let (of_batch, cause) = known.decide(batch.id.node(), &batch.parents);
        let around = batch.parent.is_some_and(|parent| begun.closed.contains(&parent));
        let pending = of_batch.iter().filter(|edge| !edge.released).count() + usize::from(around);
        if pending > 0 {
            begun.closed.insert(batch.id);
            waiting.push(AwaitingRow {
                job: batch.id.node(),
                pending: i32::try_from(pending).unwrap_or(i32::MAX),
                hand_over: HandOver::Members,
                due: Due::Now,
            });
        }
        begun.dropped.extend(cause.map(|cause| (batch.id, cause)));
        edges.extend(of_batch);
        let total = totals.get(&batch.id).copied().unwrap_or(0);
        if total == 0 {
            begun.empty.push(batch.id);
        }
        rows.push(row_of(batch, total, pending == 0));
    }
    if !rows.is_empty() {
        t.insert_batches(&rows).await?;
    }
    if !waiting.is_empty() {
        t.insert_awaiting(&waiting).await?;
    }
    if !edges.is_empty() {
        t.insert_edges(&edges).await?;
    }
    Ok(begun)
}

/// Without what the database adds to it.
fn row_of(batch: &NewBatch, total: u64, opened: bool) -> BatchRow {
    BatchRow {
        id: batch.id,
        parent: batch.parent,
        name: batch.name.clone(),
        description: batch.description.clone(),
        on_failure: batch.on_failure,
        keep: batch.keep,
        opened,
        state: if opened { BatchState::Open } else { BatchState::Awaiting },
        counts: BatchCounts { total, pending: total, ..BatchCounts::default() },
        cause: None,
        cancelled: false,
        expires: None,
        seq: 0,
        created_at: chrono::DateTime::UNIX_EPOCH,
        ended_at: None,
        expires_at: None,
    }
}
