//! Who holds the unique keys that new jobs ask for.

use std::collections::HashMap;

use super::enqueue::Answers;
use super::tag::replace_tags;
use crate::error::Error;
use crate::job::{JobId, OnConflict, Overrides, State, Unique};
use crate::protect::Owner;
use crate::storage::model::{Hold, NewJob, Stored};
use crate::storage::tables::{Result, Tables};

/// Settles who holds each unique key, in the order of the keys, so that two batches with the
/// same keys do not wait for each other.
pub(super) async fn hold_keys(
    t: &mut impl Tables,
    jobs: &[&NewJob],
    answers: &mut Answers,
) -> Result<()> {
    let unique = |(index, job): (usize, &&NewJob)| Some((index, job.unique.clone()?));
    let mut keyed: Vec<(usize, Unique)> = jobs.iter().enumerate().filter_map(unique).collect();
    keyed.sort_by(|(i, a), (j, b)| (&jobs[*i].kind, &a.key, *i).cmp(&(&jobs[*j].kind, &b.key, *j)));
    let mut taken: HashMap<(&str, String), JobId> = HashMap::new();
    for (index, unique) in keyed {
        let job = jobs[index];
        let slot = (job.kind.as_ref(), unique.key.clone());
        let holder = match taken.get(&slot) {
            Some(holder) => Some((*holder, State::Enqueued)),
            None => holder_of(t, job, &unique).await?,
        };
        match holder {
            None => {
                taken.insert(slot, job.id);
            }
            Some((holder, state)) => {
                answers[index] = yield_to(t, job, &unique, holder, state).await?;
            }
        }
    }
    Ok(())
}

/// The job that holds the key, if its hold is in force; else the key is taken over.
async fn holder_of(
    t: &mut impl Tables,
    job: &NewJob,
    unique: &Unique,
) -> Result<Option<(JobId, State)>> {
    let Some((holder, held)) = t.take_unique(&job.kind, &unique.key, job.id).await? else {
        return Ok(None);
    };
    if unique.within.is_none_or(|within| held < within)
        && let Some(placed) = t.placed(&[holder], Hold::Stay).await?.first()
        && unique.states.contains(&placed.placement.state)
    {
        return Ok(Some((holder, placed.placement.state)));
    }
    t.set_unique(&job.kind, &unique.key, job.id).await?;
    Ok(None)
}

async fn yield_to(
    t: &mut impl Tables,
    job: &NewJob,
    unique: &Unique,
    holder: JobId,
    state: State,
) -> Result<std::result::Result<Stored, Error>> {
    let waits = matches!(state, State::Enqueued | State::Scheduled | State::Awaiting);
    match unique.on_conflict {
        OnConflict::Error => {
            let (kind, key) = (job.kind.to_string(), unique.key.clone());
            return Ok(Err(Error::Conflict { kind, key, holder }));
        }
        OnConflict::Replace if waits && job.keys.is_some() => {
            match job.owned_by(Owner::Job(holder)) {
                Ok(job) => replace(t, holder, &job).await?,
                Err(error) => return Ok(Err(error)),
            }
        }
        OnConflict::Replace if waits => replace(t, holder, job).await?,
        OnConflict::Replace | OnConflict::Skip => {}
    }
    Ok(Ok(Stored::Held(holder)))
}

/// Gives the holder the new arguments and settings; it stays in the batch that it is in.
async fn replace(t: &mut impl Tables, holder: JobId, job: &NewJob) -> Result<()> {
    replace_tags(t, holder, job).await?;
    let former = t.jobs(&[holder]).await?.pop();
    let batch = former.and_then(|record| Overrides::of(record.options.as_deref()).batch);
    if batch.is_none() && job.batch.is_none() {
        return t.rewrite_job(holder, job).await;
    }
    let mut overrides = Overrides::of(job.options.as_deref());
    overrides.batch = batch;
    let job = NewJob { options: overrides.json(), ..job.clone() };
    t.rewrite_job(holder, &job).await
}
