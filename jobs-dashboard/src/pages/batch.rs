//! One batch or workflow, with the graph of its members.

use askama::Template;
use axum::extract::{Path, State};
use jobs_runtime::{BatchId, BatchMember, BatchNode, BatchRecord, EdgeRecord, JobId, Trigger};
use serde_json::json;

use super::{Page, page};
use crate::app::App;
use crate::failure::Failure;
use crate::fields::Asked;
use crate::visit::Visit;

/// The members of a page, which are those of its graph.
const SIZE: u32 = 200;

#[derive(Template)]
#[template(path = "batch.html")]
struct Batch {
    v: Visit,
    batch: BatchRecord,
    parent: Option<BatchRecord>,
    members: Vec<Member>,
    /// What the graph is drawn of, as JSON.
    graph: String,
    next: Option<i64>,
    first: bool,
}

struct Member {
    node: BatchNode,
    /// What it waits for: name, address, trigger, whether that has come.
    parents: Vec<(String, String, &'static str, bool)>,
}

pub(crate) async fn show(
    v: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Asked(fields): Asked,
) -> Page {
    let id: BatchId = id.parse().map_err(|_| Failure::Missing)?;
    let client = &app.client;
    let batch = client.batch(id).await?.ok_or(Failure::Missing)?;
    let parent = match batch.parent {
        Some(parent) => client.batch(parent).await?,
        None => None,
    };
    let after: Option<i64> = fields.parse("after")?;
    let mut members = client.batch_members(id, after, SIZE + 1).await?;
    let more = members.len() > SIZE as usize;
    members.truncate(SIZE as usize);
    let next = members.last().map(|member| member.position).filter(|_| more);
    let ids: Vec<JobId> = members.iter().map(|member| id_of(&member.node)).collect();
    let edges = client.edges_to(&ids).await?;
    let graph = graph(&v, &members, &edges);
    let members = members_with(&v, members, &edges);
    page(&Batch { v, batch, parent, members, graph, next, first: after.is_none() })
}

fn id_of(node: &BatchNode) -> JobId {
    match node {
        BatchNode::Job(job) => job.id,
        BatchNode::Batch(batch) => JobId::from(batch.id.as_uuid()),
    }
}

fn name_of(v: &Visit, node: &BatchNode) -> String {
    match node {
        BatchNode::Job(job) => job.kind.clone(),
        BatchNode::Batch(batch) if batch.name.is_empty() => v.short_id(batch.id),
        BatchNode::Batch(batch) => batch.name.clone(),
    }
}

fn address(v: &Visit, node: &BatchNode) -> String {
    match node {
        BatchNode::Job(job) => v.url(format!("/jobs/{}", job.id)),
        BatchNode::Batch(batch) => v.url(format!("/batches/{}", batch.id)),
    }
}

pub(crate) fn trigger_key(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Failed => "trigger.failed",
        Trigger::Finished => "trigger.finished",
        Trigger::Deleted => "trigger.deleted",
        Trigger::Succeeded => "trigger.succeeded",
    }
}

fn graph(v: &Visit, members: &[BatchMember], edges: &[EdgeRecord]) -> String {
    let node = |member: &BatchMember| {
        let (state, sub) = match &member.node {
            BatchNode::Job(job) => (job.placement.state.to_string(), v.short_id(job.id)),
            BatchNode::Batch(batch) => (
                batch.state.to_string(),
                format!("{} / {}", batch.counts.settled(), batch.counts.total),
            ),
        };
        json!({
            "id": id_of(&member.node),
            "name": name_of(v, &member.node),
            "sub": sub,
            "state": state,
            "label": v.state_name(&state),
            "href": address(v, &member.node),
        })
    };
    let edge = |edge: &EdgeRecord| {
        let label = match edge.trigger {
            Trigger::Succeeded => "",
            other => v.t(trigger_key(other)),
        };
        json!({ "from": edge.parent, "to": edge.child, "label": label })
    };
    json!({
        "nodes": members.iter().map(node).collect::<Vec<_>>(),
        "edges": edges.iter().map(edge).collect::<Vec<_>>(),
    })
    .to_string()
}

fn members_with(v: &Visit, members: Vec<BatchMember>, edges: &[EdgeRecord]) -> Vec<Member> {
    let known = |id: JobId| members.iter().find(|member| id_of(&member.node) == id);
    let parent = |edge: &EdgeRecord| {
        let trigger = trigger_key(edge.trigger);
        match known(edge.parent) {
            Some(member) => {
                (name_of(v, &member.node), address(v, &member.node), trigger, edge.released)
            }
            None => {
                let address = v.url(format!("/jobs/{}", edge.parent));
                (v.short_id(edge.parent), address, trigger, edge.released)
            }
        }
    };
    let parents: Vec<Vec<_>> = members
        .iter()
        .map(|member| {
            let id = id_of(&member.node);
            edges.iter().filter(|edge| edge.child == id).map(parent).collect()
        })
        .collect();
    let member = |(member, parents): (BatchMember, _)| Member { node: member.node, parents };
    members.into_iter().zip(parents).map(member).collect()
}
