//! Taking jobs from the line.

use std::sync::Arc;

use sqlx::Row;
use sqlx::postgres::PgRow;

use super::floors::Parts;
use super::tables::PostgresTables;
use super::values::known;
use crate::storage::model::{ClaimParams, Claimed};
use crate::storage::packing::unpack_one;
use crate::storage::tables::Result;

pub(super) async fn claim(
    t: &mut PostgresTables<'_>,
    params: &ClaimParams<'_>,
) -> Result<Vec<Claimed>> {
    let parts = t.floors.parts(params);
    let claimed = search(t, params, &parts).await?;
    if claimed.is_empty() && !parts.is_whole() {
        return search(t, params, &Parts::whole()).await;
    }
    Ok(claimed)
}

async fn search(
    t: &mut PostgresTables<'_>,
    params: &ClaimParams<'_>,
    parts: &Parts,
) -> Result<Vec<Claimed>> {
    let query = t
        .query(&t.sql.claim)
        .bind(params.server)
        .bind(params.queue)
        .bind(params.kinds)
        .bind(i64::from(params.limit))
        .bind(&parts.after_ranks)
        .bind(&parts.after_seqs)
        .bind(&parts.last_ranks);
    let rows = query.fetch_all(&mut *t.conn).await?;
    let queue: Arc<str> = params.queue.into();
    let mut claimed = Vec::with_capacity(rows.len());
    for row in &rows {
        claimed.push((row.try_get::<i16, _>(1)?, claimed_of(row, &queue)?));
    }
    // The statement gives them in this order, but is not bound to.
    claimed.sort_by_key(|(rank, claimed)| (*rank, claimed.seq));
    t.floors.note(params, parts, claimed.iter().map(|(rank, claimed)| (*rank, claimed.seq)));
    Ok(claimed.into_iter().map(|(_, claimed)| claimed).collect())
}

fn claimed_of(row: &PgRow, queue: &Arc<str>) -> Result<Claimed> {
    let packed: &[u8] = row.try_get(0)?;
    let member = known("job in a line", unpack_one(packed), format!("{} bytes", packed.len()))?;
    Ok(Claimed {
        id: member.job,
        seq: member.seq,
        run: member.count.run,
        charged: u32::try_from(member.count.charged).unwrap_or(0),
        lease: row.try_get(2)?,
        solo: row.try_get::<Option<bool>, _>(3)?.unwrap_or(false),
        kind: row.try_get(4)?,
        queue: Arc::clone(queue),
        args: row.try_get(5)?,
        options: row.try_get(6)?,
        input: row.try_get(7)?,
        expired: row.try_get::<Option<bool>, _>(8)?.unwrap_or(false),
    })
}
