//! The tags of jobs.

use super::tables::SqliteTables;
use super::values::{hex_of, ids_json, json};
use crate::job::JobId;
use crate::storage::model::TagRow;
use crate::storage::tables::Result;

pub(super) async fn insert_tags(t: &mut SqliteTables<'_>, rows: &[TagRow<'_>]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let seq = t.next_seqs(rows.len()).await?..;
    let rows: Vec<(String, &str, i64)> =
        rows.iter().zip(seq).map(|(row, seq)| (hex_of(row.job), row.tag.as_ref(), seq)).collect();
    let sql = t.storage.statements.insert_tags.clone();
    t.execute(sqlx::query(sql).bind(json(&rows))).await?;
    Ok(())
}

pub(super) async fn tags(t: &mut SqliteTables<'_>, job: JobId) -> Result<Vec<String>> {
    let sql = t.storage.statements.tags.clone();
    t.read(sqlx::query(sql).bind(job.as_uuid())).await
}

pub(super) async fn delete_tags(t: &mut SqliteTables<'_>, job: JobId) -> Result<()> {
    let sql = t.storage.statements.delete_tags.clone();
    t.execute(sqlx::query(sql).bind(ids_json(&[job]))).await?;
    Ok(())
}
