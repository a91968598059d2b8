//! Taking jobs from the head of a line.

use std::sync::Arc;

use serde::Deserialize;

use super::batch;
use super::tables::SqliteTables;
use super::values::{damaged, get, get_json, json};
use crate::storage::model::{ClaimParams, Claimed, Count, Member};
use crate::storage::packing::pack_members;
use crate::storage::tables::Result;

/// A row of `line_head`.
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
    let statements = &t.storage.statements;
    let kinds = json(params.kinds);
    let now = t.clock();
    let head = sqlx::query(statements.line_head.clone())
        .bind(params.queue)
        .bind(&kinds)
        .bind(params.limit)
        .bind(params.server)
        .bind(now);
    let rows = t.rows(head).await?;
    let queue: Arc<str> = params.queue.into();
    let mut jobs = Vec::with_capacity(rows.len());
    let mut last = None;
    for row in &rows {
        let heads: Vec<Head<'_>> = get_json(row, 0, "job in a line")?;
        for head in heads {
        last = Some((head.0, head.1));
        jobs.push(claimed(head, &queue)?);
        }
    }
    drop(rows);
    let Some((rank, seq)) = last else { return Ok(jobs) };
    let count = sqlx::query(statements.head_count.clone()).bind(params.queue).bind(rank).bind(seq);
    let count = t.row(count).await?.map(|row| get::<i64>(&row, 0)).transpose()?;
    let sql = match count == i64::try_from(jobs.len()).ok() {
        true => statements.delete_head.clone(),
        false => statements.delete_kinds.clone(),
    };
    t.execute(sqlx::query(sql).bind(params.queue).bind(rank).bind(seq).bind(kinds)).await?;
    lease(t, params.server, now, jobs).await
}

fn claimed(head: Head<'_>, queue: &Arc<str>) -> Result<Claimed> {
    let Head(_, seq, id, kind, run, charged, solo, args, options, input, expired) = head;
    Ok(Claimed {
        id: id.parse().map_err(|_| damaged("id", id))?,
        kind: kind.to_owned(),
        queue: Arc::clone(queue),
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
    now: i64,
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
    let storage = t.storage;
    batch::insert(t, &storage.batches.leases, &leases, |values, (id, solo, members)| {
        values.add(*id).add(server).add(*solo).add(members.as_slice()).add(now);
    })
    .await?;
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
