//! Lists of jobs, and what a search compares.

use super::tables::SqliteTables;
use super::values::{ids_json, json};
use crate::job::JobId;
use crate::storage::model::{FinishedRow, List, Listed};
use crate::storage::search::{Key, Sieve};
use crate::storage::tables::Result;

pub(super) async fn list(
    t: &mut SqliteTables<'_>,
    list: List<'_>,
    after: Key,
    limit: u32,
) -> Result<Vec<Listed>> {
    let statements = &t.storage.statements;
    let (sql, name) = match list {
        List::Line(queue) => (&statements.list_line, Some(queue)),
        List::Schedule => (&statements.list_schedule, None),
        List::Retries => (&statements.list_retries, None),
        List::Awaiting => (&statements.list_awaiting, None),
        List::Failed => (&statements.list_failed, None),
        List::Deleted => (&statements.list_deleted, None),
        List::Kept => (&statements.list_kept, None),
        List::Tagged(tag) => (&statements.list_tagged, Some(tag)),
    };
    let mut query = sqlx::query(sql.clone()).bind(after.at).bind(after.seq).bind(limit);
    if let Some(name) = name {
        query = query.bind(name.to_owned());
    }
    t.read(query).await
}

pub(super) async fn finished(
    t: &mut SqliteTables<'_>,
    from: Key,
    limit: u32,
) -> Result<Vec<FinishedRow>> {
    let sql = t.storage.statements.finished.clone();
    t.read(sqlx::query(sql).bind(from.at).bind(from.seq).bind(limit)).await
}

pub(super) async fn lines(t: &mut SqliteTables<'_>) -> Result<Vec<String>> {
    t.read(sqlx::query(t.storage.statements.lines.clone())).await
}

pub(super) async fn tag_size(t: &mut SqliteTables<'_>, tag: &str, most: u32) -> Result<u32> {
    let sql = t.storage.statements.tag_size.clone();
    let size = t.read_one(sqlx::query(sql).bind(tag.to_owned()).bind(most)).await?;
    Ok(size.unwrap_or(0))
}

pub(super) async fn sift(
    t: &mut SqliteTables<'_>,
    jobs: &[JobId],
    sieve: &Sieve,
) -> Result<Vec<JobId>> {
    let some = |list: &[String]| (!list.is_empty()).then(|| json(list));
    let query = sqlx::query(t.storage.statements.sift.clone())
        .bind(ids_json(jobs))
        .bind(some(&sieve.kinds))
        .bind(some(&sieve.queues))
        .bind(some(&sieve.tags))
        .bind(sieve.created.from)
        .bind(sieve.created.before)
        .bind(sieve.needles.first().cloned())
        .bind(sieve.needles.get(1).cloned());
    t.read(query).await
}
