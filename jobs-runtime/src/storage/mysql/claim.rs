//! Taking jobs from the heads of lines.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use sqlx::mysql::MySqlRow;

use super::tables::MySqlTables;
use super::values::{damaged, ids_json, json, priority_of};
use super::{leases, seqs};
use crate::job::JobId;
use crate::storage::model::{ClaimParams, Claimed, Count, Member};
use crate::storage::packing::pack_members;
use crate::storage::rows::Columns;
use crate::storage::tables::Result;

/// A row of a line.
struct Head {
    queue: Arc<str>,
    rank: i32,
    kind: String,
    solo: bool,
    member: Member,
}

pub(super) async fn claim(
    t: &mut MySqlTables<'_>,
    params: &ClaimParams<'_>,
) -> Result<Vec<Claimed>> {
    let kinds = json(params.kinds);
    let mut heads: Vec<Head> = Vec::new();
    for queue in ready(t, params, &kinds).await? {
        let limit = params.limit.saturating_sub(u32::try_from(heads.len()).unwrap_or(u32::MAX));
        if limit == 0 {
            break;
        }
        heads.extend(lock_head(t, params.server, queue, &kinds, limit).await?);
    }
    if heads.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<(&str, i32, i64)> =
        heads.iter().map(|head| (&*head.queue, head.rank, head.member.seq)).collect();
    t.execute_of(&t.sql.delete_line, &json(&keys)).await?;
    let jobs = read(t, heads).await?;
    lease(t, params.server, jobs).await
}

/// Those of the queues that hold something, in their order: most of many hold nothing, and a
/// statement for each of them would take long.
async fn ready<'p>(
    t: &mut MySqlTables<'_>,
    params: &ClaimParams<'p>,
    kinds: &str,
) -> Result<Vec<&'p str>> {
    if let [_] = params.queues {
        return Ok(params.queues.to_vec());
    }
    let query = t.query(&t.sql.ready).bind(json(params.queues)).bind(kinds.to_owned());
    let ready: HashSet<String> = t.read(query).await?.into_iter().collect();
    Ok(params.queues.iter().copied().filter(|queue| ready.contains(*queue)).collect())
}

/// Locks the first jobs of one line, passing over those that another claim has locked.
async fn lock_head(
    t: &mut MySqlTables<'_>,
    server: i64,
    queue: &str,
    kinds: &str,
    limit: u32,
) -> Result<Vec<Head>> {
    let query = t
        .query(&t.sql.line_head)
        .bind(queue.to_owned())
        .bind(kinds.to_owned())
        .bind(queue.to_owned())
        .bind(server)
        .bind(limit);
    let queue: Arc<str> = queue.into();
    t.rows(query).await?.iter().map(|row| head(row, &queue)).collect()
}

fn head(row: &MySqlRow, queue: &Arc<str>) -> Result<Head> {
    Ok(Head {
        queue: Arc::clone(queue),
        rank: row.get(0)?,
        kind: row.get(3)?,
        solo: row.get(6)?,
        member: Member {
            job: row.get(2)?,
            seq: row.get(1)?,
            count: Count { run: row.get(4)?, charged: row.get(5)? },
        },
    })
}

/// The jobs with what their records hold, in the order of the line.
async fn read(t: &mut MySqlTables<'_>, heads: Vec<Head>) -> Result<Vec<Claimed>> {
    let ids: Vec<JobId> = heads.iter().map(|head| head.member.job).collect();
    let rows = t.rows_of(&t.sql.contents, &ids_json(&ids)).await?;
    let mut records: HashMap<JobId, &MySqlRow> = HashMap::with_capacity(rows.len());
    for row in &rows {
        records.insert(row.get(0)?, row);
    }
    let mut claimed = Vec::with_capacity(heads.len());
    for Head { queue, rank, kind, solo, member: Member { job: id, seq, count } } in heads {
        let record = *records.get(&id).ok_or_else(|| damaged("record of a job in a line", id))?;
        claimed.push(Claimed {
            id,
            kind,
            queue,
            priority: priority_of(rank.into()),
            args: record.get(1)?,
            options: record.get(2)?,
            input: record.get(3)?,
            run: count.run,
            charged: u32::try_from(count.charged).unwrap_or(0),
            lease: 0,
            seq,
            solo,
            expired: record.get(4)?,
        });
    }
    Ok(claimed)
}

/// Leases the solo jobs each alone, and the others together.
async fn lease(
    t: &mut MySqlTables<'_>,
    server: i64,
    mut jobs: Vec<Claimed>,
) -> Result<Vec<Claimed>> {
    let solos = jobs.iter().filter(|job| job.solo).count();
    let mut ids = seqs::next(t, 1 + solos).await?;
    let common = ids.next().ok_or_else(|| damaged("sequence of places", "none"))?;
    for job in &mut jobs {
        let alone = if job.solo { ids.next() } else { None };
        job.lease = alone.unwrap_or(common);
    }
    let mut leases: Vec<(i64, bool, Vec<u8>)> =
        jobs.iter().filter(|job| job.solo).map(|job| (job.lease, true, pack([job]))).collect();
    if solos < jobs.len() {
        leases.push((common, false, pack(jobs.iter().filter(|job| !job.solo))));
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
