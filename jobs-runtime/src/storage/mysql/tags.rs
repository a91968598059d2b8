//! The tags of jobs.

use super::tables::MySqlTables;
use super::values::ids_json;
use super::{batch, seqs};
use crate::job::JobId;
use crate::storage::model::TagRow;
use crate::storage::tables::Result;

pub(super) async fn insert_tags(t: &mut MySqlTables<'_>, rows: &[TagRow<'_>]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut seqs = seqs::next(t, rows.len()).await?;
    batch::insert(t, &t.shared.batches.tags, rows, |values, row| {
        values.add(row.job.as_uuid()).add(row.tag.as_ref()).add(seqs.next());
    })
    .await
}

pub(super) async fn tags(t: &mut MySqlTables<'_>, job: JobId) -> Result<Vec<String>> {
    let tags: Vec<(JobId, String)> = t.read_of(&t.sql.tags_of, &ids_json(&[job])).await?;
    Ok(tags.into_iter().map(|(_, tag)| tag).collect())
}

pub(super) async fn delete_tags(t: &mut MySqlTables<'_>, job: JobId) -> Result<()> {
    t.execute_of(&t.sql.delete_tags, &ids_json(&[job])).await?;
    Ok(())
}
