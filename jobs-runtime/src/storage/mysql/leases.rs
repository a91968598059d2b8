//! What each server has in hand.

use std::collections::HashSet;

use sqlx::mysql::MySqlRow;

use super::tables::MySqlTables;
use super::values::{damaged, json};
use super::{batch, seqs};
use crate::job::JobId;
use crate::storage::model::{Lease, Member};
use crate::storage::packing::{pack_ids, pack_members, unpack_ids};
use crate::storage::rows::Columns;
use crate::storage::tables::Result;

/// Each with its id, whether it is solo, and its packed members.
pub(super) async fn insert(
    t: &mut MySqlTables<'_>,
    server: i64,
    rows: &[(i64, bool, Vec<u8>)],
) -> Result<()> {
    batch::insert(t, &t.shared.batches.leases, rows, |values, (id, solo, members)| {
        values.add(*id).add(server).add(*solo).add(members.as_slice());
    })
    .await
}

pub(super) async fn lock_leases(t: &mut MySqlTables<'_>, ids: &[i64]) -> Result<Vec<Lease>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = t.rows_of(&t.sql.lock_leases, &json(ids)).await?;
    let lease = |row: &MySqlRow| {
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

pub(super) async fn leases_of(t: &mut MySqlTables<'_>, servers: &[i64]) -> Result<Vec<Lease>> {
    if servers.is_empty() {
        return Ok(Vec::new());
    }
    let mut leases: Vec<Lease> = t.read_of(&t.sql.leases_of, &json(servers)).await?;
    leases.sort_unstable_by_key(|lease| lease.id);
    Ok(leases)
}

pub(super) async fn leases(t: &mut MySqlTables<'_>) -> Result<Vec<Lease>> {
    t.read(t.query(&t.sql.all_leases)).await
}

pub(super) async fn insert_lease(
    t: &mut MySqlTables<'_>,
    server: i64,
    member: &Member,
) -> Result<i64> {
    let id = seqs::next(t, 1).await?.next().ok_or_else(|| damaged("sequence of places", "none"))?;
    insert(t, server, &[(id, false, pack_members(&[*member]))]).await?;
    note_started(t, &[(id, vec![member.job])]).await?;
    Ok(id)
}

pub(super) async fn delete_leases(t: &mut MySqlTables<'_>, ids: &[i64]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    t.execute_of(&t.sql.delete_leases, &json(ids)).await?;
    Ok(())
}

pub(super) async fn revoke(t: &mut MySqlTables<'_>, lease: i64, jobs: &[JobId]) -> Result<()> {
    let query = t.query(&t.sql.revoke).bind(pack_ids(jobs)).bind(lease);
    t.execute(query).await?;
    Ok(())
}

pub(super) async fn note_started(
    t: &mut MySqlTables<'_>,
    started: &[(i64, Vec<JobId>)],
) -> Result<()> {
    let mut ids: Vec<i64> = started.iter().map(|(lease, _)| *lease).collect();
    ids.sort_unstable();
    let rows = t.rows_of(&t.sql.lock_started, &json(&ids)).await?;
    let mut more = Vec::with_capacity(rows.len());
    for row in &rows {
        let id: i64 = row.get(0)?;
        let known: HashSet<JobId> = unpack_ids(row.get(1)?).into_iter().collect();
        let of_lease = started.iter().filter(|(lease, _)| *lease == id);
        let running = of_lease.flat_map(|(_, jobs)| jobs);
        let new = running.filter(|job| !known.contains(job));
        let hex: String = new.map(|job| job.as_uuid().simple().to_string()).collect();
        more.push((id, hex));
    }
    t.execute_of(&t.sql.note_started, &json(&more)).await?;
    Ok(())
}

/// Members and revoked of one lease, packed; locked.
pub(super) async fn lock_one(t: &mut MySqlTables<'_>, lease: i64) -> Result<Option<MySqlRow>> {
    let query = t.query(&t.sql.lock_lease).bind(lease);
    t.row(query).await
}
