//! Taking jobs from the line.

use std::sync::Arc;

use sqlx::Row;
use sqlx::postgres::PgRow;

use super::floors::Parts;
use super::tables::PostgresTables;
use super::values::known;
use crate::error::damaged;
use crate::storage::model::{ClaimParams, Claimed};
use crate::storage::packing::unpack_one;
use crate::storage::tables::Result;

pub(super) async fn claim(
    t: &mut PostgresTables<'_>,
    params: &ClaimParams<'_>,
) -> Result<Vec<Claimed>> {
    let queues = params.queues.len();
    let parts = t.floors.parts(params.server, params.queues);
    let claimed = search(t, params, &parts).await?;
    if claimed.is_empty() && !parts.is_whole(queues) {
        return search(t, params, &Parts::whole(queues)).await;
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
        .bind(params.queues)
        .bind(params.kinds)
        .bind(i64::from(params.limit))
        .bind(&parts.after_ranks)
        .bind(&parts.after_seqs)
        .bind(&parts.last_ranks)
        .bind(&parts.queues);
    let rows = query.fetch_all(&mut *t.conn).await?;
    let mut queues: Vec<Option<Arc<str>>> = vec![None; params.queues.len()];
    let mut claimed = Vec::with_capacity(rows.len());
    for row in &rows {
        let number: Option<i32> = row.try_get(9)?;
        let number = usize::try_from(number.unwrap_or(0)).unwrap_or(usize::MAX);
        let (Some(queue), Some(name)) = (queues.get_mut(number), params.queues.get(number)) else {
            return Err(damaged("queue", number));
        };
        let queue = queue.get_or_insert_with(|| Arc::from(*name));
        let rank: i16 = row.try_get(1)?;
        claimed.push((number, rank, claimed_of(row, queue, rank)?));
    }
    // The statement gives them in this order, but is not bound to.
    claimed.sort_by_key(|(queue, rank, claimed)| (*queue, *rank, claimed.seq));
    let is_short = claimed.len() < params.limit as usize;
    let taken = claimed.iter().map(|(queue, rank, claimed)| (*queue, *rank, claimed.seq));
    t.floors.note(params.server, params.queues, parts, is_short, taken);
    Ok(claimed.into_iter().map(|(.., claimed)| claimed).collect())
}

fn claimed_of(row: &PgRow, queue: &Arc<str>, rank: i16) -> Result<Claimed> {
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
        priority: rank.saturating_neg(),
        args: row.try_get(5)?,
        options: row.try_get(6)?,
        input: row.try_get(7)?,
        expired: row.try_get::<Option<bool>, _>(8)?.unwrap_or(false),
    })
}
