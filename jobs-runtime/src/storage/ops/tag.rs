//! Tags, by which jobs are found.

use crate::error::Error;
use crate::job::JobId;
use crate::request::check_tags;
use crate::storage::model::{NewJob, TagRow};
use crate::storage::search::storable_tag;
use crate::storage::tables::{Result, Tables};

/// Stores the tags of new jobs. Nothing is sent where no job has one.
pub(super) async fn store_tags(t: &mut impl Tables, jobs: &[NewJob]) -> Result<()> {
    if jobs.iter().all(|job| job.tags.is_empty()) {
        return Ok(());
    }
    let rows: Vec<TagRow<'_>> = jobs.iter().flat_map(|job| rows(job.id, &job.tags)).collect();
    t.insert_tags(&rows).await
}

/// Gives a known job the tags of the one that replaces it.
pub(super) async fn replace_tags(t: &mut impl Tables, known: JobId, job: &NewJob) -> Result<()> {
    t.delete_tags(known).await?;
    let rows: Vec<TagRow<'_>> = rows(known, &job.tags).collect();
    t.insert_tags(&rows).await
}

fn rows(job: JobId, tags: &[String]) -> impl Iterator<Item = TagRow<'_>> {
    tags.iter().map(move |tag| TagRow { job, tag: storable_tag(tag) })
}

/// Adds a tag to a stored job, if it does not have it yet.
pub(crate) async fn tag(
    t: &mut impl Tables,
    job: JobId,
    tag: &str,
) -> std::result::Result<(), Error> {
    let mut tags = t.tags(job).await?;
    let tag = storable_tag(tag);
    if tags.iter().any(|other| *other == tag) {
        return Ok(());
    }
    tags.push(tag.clone().into_owned());
    check_tags(&tags)?;
    Ok(t.insert_tags(&[TagRow { job, tag }]).await?)
}
