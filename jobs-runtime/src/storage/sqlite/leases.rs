//! What each server has in hand.

use sqlx::sqlite::SqliteRow;

use super::batch;
use super::tables::SqliteTables;
use super::values::json;
use crate::job::JobId;
use crate::storage::model::{Lease, Member};
use crate::storage::packing::{pack_ids, pack_members, unpack_ids};
use crate::storage::rows::Columns;
use crate::storage::tables::Result;

/// Nothing to lock: whoever writes has the lock of the whole database.
/// Each with its id, whether it is solo, and its packed members.
pub(super) async fn insert(
    t: &mut SqliteTables<'_>,
    server: i64,
    rows: &[(i64, bool, Vec<u8>)],
) -> Result<()> {
    let now = t.clock();
    let storage = t.storage;
    batch::insert(t, &storage.batches.leases, rows, |values, (id, solo, members)| {
        values.add(*id).add(server).add(*solo).add(members.as_slice()).add(now);
    })
    .await
}

pub(super) async fn lock_leases(t: &mut SqliteTables<'_>, ids: &[i64]) -> Result<Vec<Lease>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = t.rows_of(&t.storage.statements.lock_leases, json(ids)).await?;
    let lease = |row: &SqliteRow| {
        Ok(Lease {
            id: row.get(0)?,
            server: 0,
            solo: false,
            members: Vec::new(),
            revoked: unpack_ids(row.get(1)?),
            started: Vec::new(),
            started_at: None,
        })
    };
    rows.iter().map(lease).collect()
}

pub(super) async fn leases_of(t: &mut SqliteTables<'_>, servers: &[i64]) -> Result<Vec<Lease>> {
    if servers.is_empty() {
        return Ok(Vec::new());
    }
    t.read_of(&t.storage.statements.leases_of, json(servers)).await
}

pub(super) async fn leases(t: &mut SqliteTables<'_>) -> Result<Vec<Lease>> {
    t.read(sqlx::query(t.storage.statements.all_leases.clone())).await
}

pub(super) async fn insert_lease(
    t: &mut SqliteTables<'_>,
    server: i64,
    member: &Member,
) -> Result<i64> {
    let id = t.next_seqs(1).await?;
    insert(t, server, &[(id, false, pack_members(&[*member]))]).await?;
    note_started(t, &[(id, vec![member.job])]).await?;
    Ok(id)
}

pub(super) async fn delete_leases(t: &mut SqliteTables<'_>, ids: &[i64]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let sql = t.storage.statements.delete_leases.clone();
    t.execute(sqlx::query(sql).bind(json(ids))).await?;
    Ok(())
}

pub(super) async fn revoke(t: &mut SqliteTables<'_>, lease: i64, jobs: &[JobId]) -> Result<()> {
    let Some(row) = one(t, lease).await? else { return Ok(()) };
    let revoked = joined(row.get(1)?, jobs);
    let sql = t.storage.statements.set_revoked.clone();
    t.execute(sqlx::query(sql).bind(lease).bind(revoked)).await?;
    Ok(())
}

pub(super) async fn note_started(
    t: &mut SqliteTables<'_>,
    started: &[(i64, Vec<JobId>)],
) -> Result<()> {
    let now = t.clock();
    for (lease, jobs) in started {
        let Some(row) = one(t, *lease).await? else { continue };
        let started = joined(row.get(2)?, jobs);
        let sql = t.storage.statements.set_started.clone();
        t.execute(sqlx::query(sql).bind(*lease).bind(started).bind(now)).await?;
    }
    Ok(())
}

/// Members, revoked and started of one lease, packed.
pub(super) async fn one(t: &mut SqliteTables<'_>, lease: i64) -> Result<Option<SqliteRow>> {
    let sql = t.storage.statements.lease.clone();
    t.row(sqlx::query(sql).bind(lease)).await
}

/// Packed ids, and those of `jobs` that are not among them.
fn joined(packed: &[u8], jobs: &[JobId]) -> Vec<u8> {
    let known: std::collections::HashSet<JobId> = unpack_ids(packed).into_iter().collect();
    let new: Vec<JobId> = jobs.iter().filter(|job| !known.contains(job)).copied().collect();
    [packed, &pack_ids(&new)].concat()
}
