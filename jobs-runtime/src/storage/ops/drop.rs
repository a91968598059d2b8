//! Deleting what can no longer start, because of how others have ended.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::delete::{self, Leaving};
use super::end::Ended;
use super::retain::Retention;
use super::start::MEMBERS;
use crate::job::{BatchId, JobId, Overrides, State};
use crate::storage::model::{Count, Hold};
use crate::storage::tables::{Result, Tables};

/// A job that awaits, the parent that leaves it without hope, and how that ended.
pub(super) type Dropped = (JobId, JobId, State);

/// Deletes children, and the members of children that are batches; gives the jobs among them, as
/// jobs that have settled, and adds the batches to those that may have ended.
pub(super) async fn drop_children(
    t: &mut impl Tables,
    children: BTreeMap<JobId, (JobId, State)>,
    retention: &Retention,
    touched: &mut Vec<BatchId>,
) -> Result<Vec<Ended>> {
    if children.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<JobId> = children.keys().copied().collect();
    let places = t.placed(&ids, Hold::Stay).await?;
    let jobs: HashSet<JobId> = places.iter().map(|child| child.job).collect();
    let waiting = places.into_iter().filter(|child| child.placement.state == State::Awaiting);
    let with_cause = |child: JobId| {
        let (cause, end) = children.get(&child)?;
        Some((child, *cause, *end))
    };
    let mut dropped: Vec<Dropped> = waiting.filter_map(|child| with_cause(child.job)).collect();
    let batches = ids.into_iter().filter(|id| !jobs.contains(id)).filter_map(with_cause);
    for (batch, cause, end) in batches.collect::<Vec<_>>() {
        drop_batch(t, BatchId::of(batch), (cause, end), &mut dropped, touched).await?;
    }
    drop_waiting(t, &dropped, retention).await
}

/// Marks a batch, and those inside it, as not needed; adds its jobs that await.
pub(super) async fn drop_batch(
    t: &mut impl Tables,
    batch: BatchId,
    (cause, end): (JobId, State),
    dropped: &mut Vec<Dropped>,
    touched: &mut Vec<BatchId>,
) -> Result<()> {
    let mut batches = vec![batch];
    while let Some(batch) = batches.pop() {
        let mut rows = t.lock_batches(&[batch]).await?;
        let Some(row) = rows.first_mut().filter(|row| !row.opened && row.cause.is_none()) else {
            continue;
        };
        row.cause = Some(cause);
        t.save_batches(&rows).await?;
        touched.push(batch);
        let mut after = -1;
        loop {
            let members = t.members(batch, after, MEMBERS).await?;
            let Some(last) = members.last() else { break };
            after = last.position;
            let inside = members.iter().filter(|member| member.is_batch);
            batches.extend(inside.map(|member| BatchId::of(member.node)));
            let jobs: Vec<JobId> = members
                .iter()
                .filter(|member| !member.is_batch)
                .map(|member| member.node)
                .collect();
            for placed in t.placed(&jobs, Hold::Stay).await? {
                if placed.placement.state == State::Awaiting {
                    dropped.push((placed.job, cause, end));
                }
            }
        }
    }
    Ok(())
}

/// Deletes jobs that await.
pub(super) async fn drop_waiting(
    t: &mut impl Tables,
    dropped: &[Dropped],
    retention: &Retention,
) -> Result<Vec<Ended>> {
    if dropped.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<JobId> = dropped.iter().map(|(job, ..)| *job).collect();
    let batches = batches_of(t, &ids).await?;
    let leaving = dropped.iter().map(|(job, cause, end)| Leaving {
        job: *job,
        from: State::Awaiting,
        reason: format!("its parent {cause} is {end}"),
        cause: Some(*cause),
        failure: None,
        count: Count::default(),
        batch: batches.get(job).copied(),
        keep: retention.deleted,
        server: None,
    });
    delete::delete(t, leaving.collect()).await
}

/// The batches of those of these jobs that are in one.
pub(super) async fn batches_of(
    t: &mut impl Tables,
    jobs: &[JobId],
) -> Result<HashMap<JobId, BatchId>> {
    let records = t.jobs(jobs).await?;
    let batch = |record: crate::storage::model::JobRow| {
        Some((record.id, Overrides::of(record.options.as_deref()).batch?))
    };
    Ok(records.into_iter().filter_map(batch).collect())
}
