//! Taking jobs from the head of a line.

use std::sync::Arc;

use serde::Deserialize;
use sqlx::SqlStr;
use sqlx::sqlite::SqliteRow;

use super::tables::SqliteTables;
use super::values::{damaged, json, priority_of};
use super::{leases, link};
use crate::error::StorageError;
use crate::storage::model::{ClaimParams, Claimed, Count, Member};
use crate::storage::packing::pack_members;
use crate::storage::rows::Columns;
use crate::storage::tables::Result;

/// A job of `line_head`: rank, seq, id, kind, run, charged, solo, args, options, input, expired.
#[derive(Deserialize)]
struct Head<'h>(
    i64,
    i64,
    &'h str,
    &'h str,
    i32,
    u32,
    u8,
    String,
    Option<String>,
    Option<String>,
    u8,
);

pub(super) async fn claim(
    t: &mut SqliteTables<'_>,
    params: &ClaimParams<'_>,
) -> Result<Vec<Claimed>> {
    let kinds = json(params.kinds);
    let mut jobs = Vec::new();
    for queue in params.queues {
        let limit = params.limit.saturating_sub(u32::try_from(jobs.len()).unwrap_or(u32::MAX));
        if limit == 0 {
            break;
        }
        jobs.extend(take_head(t, params.server, queue, &kinds, limit).await?);
    }
    match jobs.is_empty() {
        true => Ok(jobs),
        false => lease(t, params.server, jobs).await,
    }
}

/// Takes the first jobs of one line out of it.
async fn take_head(
    t: &mut SqliteTables<'_>,
    server: i64,
    queue: &str,
    kinds: &str,
    limit: u32,
) -> Result<Vec<Claimed>> {
    let rows = read_head(t, server, queue, kinds, limit).await?;
    let mut heads: Vec<Head<'_>> = Vec::new();
    for row in &rows {
        if row.get::<Option<&str>>(0)?.is_some() {
            heads.append(&mut row.json(0, "job in a line")?);
        }
    }
    let Some(last) = heads.iter().map(|head| (head.0, head.1)).max() else { return Ok(Vec::new()) };
    delete_head(t, queue, kinds, last, heads.len()).await?;
    // Aggregated in their order, though SQLite does not promise it.
    heads.sort_unstable_by_key(|head| (head.0, head.1));
    let queue: Arc<str> = queue.into();
    heads.into_iter().map(|head| claimed(head, &queue)).collect()
}

async fn read_head(
    t: &mut SqliteTables<'_>,
    server: i64,
    queue: &str,
    kinds: &str,
    limit: u32,
) -> Result<Vec<SqliteRow>> {
    let (storage, now) = (t.storage, t.clock());
    let select = |sql: &SqlStr| {
        sqlx::query(sql.clone())
            .bind(queue.to_owned())
            .bind(kinds.to_owned())
            .bind(limit)
            .bind(server)
            .bind(now)
    };
    match t.rows(select(&storage.statements.line_head)).await {
        Err(StorageError::Database(error)) if link::is_too_big(error.as_ref()) => {
            t.rows(select(&storage.statements.line_head_rows)).await
        }
        rows => rows,
    }
}

/// Deletes from the line what was read, all up to this rank and place, in the same transaction.
async fn delete_head(
    t: &mut SqliteTables<'_>,
    queue: &str,
    kinds: &str,
    (rank, seq): (i64, i64),
    read: usize,
) -> Result<()> {
    let statements = &t.storage.statements;
    let count = sqlx::query(statements.head_count.clone()).bind(queue).bind(rank).bind(seq);
    let count: Option<i64> = t.read_one(count).await?;
    let delete = match count == i64::try_from(read).ok() {
        true => sqlx::query(statements.delete_head.clone()).bind(queue).bind(rank).bind(seq),
        false => {
            let delete = sqlx::query(statements.delete_kinds.clone());
            delete.bind(queue).bind(rank).bind(seq).bind(kinds)
        }
    };
    t.execute(delete).await?;
    Ok(())
}

fn claimed(head: Head<'_>, queue: &Arc<str>) -> Result<Claimed> {
    let Head(rank, seq, id, kind, run, charged, solo, args, options, input, expired) = head;
    Ok(Claimed {
        id: id.parse().map_err(|_| damaged("id", id))?,
        kind: kind.to_owned(),
        queue: Arc::clone(queue),
        priority: priority_of(rank),
        args,
        options,
        input,
        run,
        charged,
        lease: 0,
        seq,
        solo: solo != 0,
        expired: expired != 0,
    })
}

/// Leases the solo jobs each alone, and the others together.
async fn lease(
    t: &mut SqliteTables<'_>,
    server: i64,
    mut jobs: Vec<Claimed>,
) -> Result<Vec<Claimed>> {
    let solos = jobs.iter().filter(|job| job.solo).count();
    let others = usize::from(solos < jobs.len());
    let common = t.next_seqs(solos + others).await?;
    let mut solo_leases = common + i64::from(others == 1)..;
    for job in &mut jobs {
        let alone = if job.solo { solo_leases.next() } else { None };
        job.lease = alone.unwrap_or(common);
    }
    let mut leases = Vec::with_capacity(solos + others);
    if others == 1 {
        leases.push((common, false, pack(jobs.iter().filter(|job| !job.solo))));
    }
    for job in jobs.iter().filter(|job| job.solo) {
        leases.push((job.lease, true, pack([job])));
    }
    leases::insert(t, server, &leases).await?;
    Ok(jobs)
}

fn pack<'c>(jobs: impl IntoIterator<Item = &'c Claimed>) -> Vec<u8> {
    let member = |job: &Claimed| Member {
        job: job.id,
        seq: job.seq,
        count: Count { run: job.run, charged: job.charged.cast_signed() },
    };
    pack_members(&jobs.into_iter().map(member).collect::<Vec<_>>())
}
