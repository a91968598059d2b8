//! Lists of jobs, and what a search compares.

use sqlx::SqlStr;
use sqlx::mysql::MySqlArguments;
use sqlx::query::Query;

use super::tables::MySqlTables;
use super::values::{ids_json, json};
use crate::job::JobId;
use crate::storage::model::{FinishedRow, List, Listed};
use crate::storage::rows::FromRow;
use crate::storage::search::{Key, Sieve};
use crate::storage::tables::Result;

/// Rows of what has succeeded that are looked at first.
const FEW: u32 = 8;

type Statement = Query<'static, sqlx::MySql, MySqlArguments>;

pub(super) async fn list(
    t: &mut MySqlTables<'_>,
    list: List<'_>,
    after: Key,
    limit: u32,
) -> Result<Vec<Listed>> {
    let sql = t.sql;
    let query = match list {
        List::Line(queue) => {
            let line = |query: Statement| bind_key(query.bind(queue.to_owned()), after, limit);
            line(line(t.query(&sql.list_line))).bind(limit)
        }
        List::Schedule => bind_key(t.query(&sql.list_schedule), after, limit),
        List::Retries => bind_key(t.query(&sql.list_retries), after, limit),
        List::Failed => bind_key(t.query(&sql.list_failed), after, limit),
        List::Deleted => bind_key(t.query(&sql.list_deleted), after, limit),
        List::Kept => bind_key(t.query(&sql.list_kept), after, limit),
        List::Awaiting => t.query(&sql.list_awaiting).bind(after.seq).bind(limit),
        List::Tagged(tag) => {
            t.query(&sql.list_tagged).bind(tag.to_owned()).bind(after.seq).bind(limit)
        }
    };
    t.read(query).await
}

fn bind_key(query: Statement, key: Key, limit: u32) -> Statement {
    query.bind(key.at).bind(key.at).bind(key.seq).bind(limit)
}

/// The numbers of jobs come first: to sort rows, the database would copy all that they hold.
pub(super) async fn finished(
    t: &mut MySqlTables<'_>,
    from: Key,
    limit: u32,
) -> Result<Vec<FinishedRow>> {
    let count = rows_naming(t, from, limit).await?;
    match count {
        0 => Ok(Vec::new()),
        _ => rows_from(t, &t.sql.finished, from, count).await,
    }
}

/// How many rows name so many jobs: a row may name one or thousands, so that few are looked at
/// first.
async fn rows_naming(t: &mut MySqlTables<'_>, from: Key, jobs: u32) -> Result<u32> {
    let mut asked = FEW.min(jobs);
    loop {
        let counts: Vec<i64> = rows_from(t, &t.sql.finished_counts, from, asked).await?;
        let mut named = 0;
        let mut rows = 0;
        for jobs_of_row in &counts {
            named += jobs_of_row;
            rows += 1;
            if named >= i64::from(jobs) {
                return Ok(rows);
            }
        }
        if counts.len() < asked as usize || asked == jobs {
            return Ok(rows);
        }
        asked = asked.saturating_mul(FEW).min(jobs);
    }
}

async fn rows_from<T: FromRow>(
    t: &mut MySqlTables<'_>,
    sql: &SqlStr,
    from: Key,
    limit: u32,
) -> Result<Vec<T>> {
    let query = bind_key(bind_key(t.query(sql), from, limit), from, limit).bind(limit);
    t.read(query).await
}

/// One look at the index for each queue.
pub(super) async fn lines(t: &mut MySqlTables<'_>) -> Result<Vec<String>> {
    let mut queues: Vec<String> = Vec::new();
    loop {
        let last = queues.last().cloned().unwrap_or_default();
        let query = t.query(&t.sql.next_queue).bind(last.clone()).bind(last);
        let Some(queue) = t.read_one(query).await? else { return Ok(queues) };
        queues.push(queue);
    }
}

pub(super) async fn tag_size(t: &mut MySqlTables<'_>, tag: &str, most: u32) -> Result<u32> {
    let query = t.query(&t.sql.tag_size).bind(tag.to_owned()).bind(most);
    let size: Option<i64> = t.read_one(query).await?;
    Ok(size.and_then(|size| u32::try_from(size).ok()).unwrap_or(most))
}

pub(super) async fn sift(
    t: &mut MySqlTables<'_>,
    jobs: &[JobId],
    sieve: &Sieve,
) -> Result<Vec<JobId>> {
    let Sieve { kinds, queues, tags, created, needles } = sieve;
    let query = t
        .query(&t.sql.sift)
        .bind(ids_json(jobs))
        .bind(kinds.is_empty())
        .bind(json(kinds))
        .bind(queues.is_empty())
        .bind(json(queues))
        .bind(created.from.is_none())
        .bind(created.from)
        .bind(created.before.is_none())
        .bind(created.before)
        .bind(tags.is_empty())
        .bind(i64::try_from(tags.len()).unwrap_or(i64::MAX))
        .bind(json(tags))
        .bind(needles.is_empty())
        .bind(needles.first().cloned())
        .bind(needles.get(1).cloned());
    t.read(query).await
}
