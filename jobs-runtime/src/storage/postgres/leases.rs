//! The batches of jobs that servers have.

use sqlx::Row;

use super::tables::PostgresTables;
use crate::job::JobId;
use crate::storage::model::{Lease, Member};
use crate::storage::packing::{pack_ids, pack_members, unpack_ids};
use crate::storage::tables::Result;

pub(super) async fn lock_leases(t: &mut PostgresTables<'_>, ids: &[i64]) -> Result<Vec<Lease>> {
    let rows = t.query(&t.sql.lock_leases).bind(ids).fetch_all(&mut *t.conn).await?;
    rows.iter()
        .map(|row| {
            Ok(Lease {
                id: row.try_get(0)?,
                server: 0,
                solo: false,
                members: Vec::new(),
                revoked: unpack_ids(row.try_get(1)?),
                started: Vec::new(),
                started_at: None,
            })
        })
        .collect()
}

pub(super) async fn leases_of(t: &mut PostgresTables<'_>, servers: &[i64]) -> Result<Vec<Lease>> {
    t.read(t.query(&t.sql.leases_of).bind(servers)).await
}

pub(super) async fn leases(t: &mut PostgresTables<'_>) -> Result<Vec<Lease>> {
    t.read(t.query(&t.sql.leases)).await
}

pub(super) async fn insert_lease(
    t: &mut PostgresTables<'_>,
    server: i64,
    member: &Member,
) -> Result<i64> {
    let query = t.query(&t.sql.insert_lease).bind(server).bind(pack_members(&[*member]));
    let row = query.bind(pack_ids(&[member.job])).fetch_one(&mut *t.conn).await?;
    Ok(row.try_get(0)?)
}

pub(super) async fn delete_leases(t: &mut PostgresTables<'_>, ids: &[i64]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    t.query(&t.sql.delete_leases).bind(ids).execute(&mut *t.conn).await?;
    Ok(())
}

pub(super) async fn revoke(t: &mut PostgresTables<'_>, lease: i64, jobs: &[JobId]) -> Result<()> {
    let query = t.query(&t.sql.revoke).bind(lease).bind(pack_ids(jobs));
    query.execute(&mut *t.conn).await?;
    Ok(())
}

pub(super) async fn note_started(
    t: &mut PostgresTables<'_>,
    started: &[(i64, Vec<JobId>)],
) -> Result<()> {
    let mut started: Vec<(i64, Vec<u8>)> =
        started.iter().map(|(lease, jobs)| (*lease, pack_ids(jobs))).collect();
    started.sort_unstable();
    let (leases, packs): (Vec<i64>, Vec<Vec<u8>>) = started.into_iter().unzip();
    let query = t.query(&t.sql.note_started).bind(leases).bind(packs);
    query.execute(&mut *t.conn).await?;
    Ok(())
}
