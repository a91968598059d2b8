//! Giving a running job a lease of its own.

use crate::storage::model::Member;
use crate::storage::tables::{Result, Tables};

/// Moves a running job from the lease of its batch to one of its own, so that a transaction which
/// ends the job holds up nobody else; gives that lease to `known` before the commit. `None` if the
/// job is not in the lease any longer.
pub(crate) async fn set_apart(
    t: &mut impl Tables,
    server: i64,
    lease: i64,
    member: Member,
    holds_slot: bool,
    known: &mut (impl FnMut(i64) + Send),
) -> Result<Option<i64>> {
    let held = t.lock_leases(&[lease]).await?;
    if held.iter().all(|lease| lease.revoked.contains(&member.job)) {
        return Ok(None);
    }
    let own = t.insert_lease(server, &member).await?;
    t.revoke(lease, &[member.job]).await?;
    if holds_slot {
        t.move_slots(member.job, lease, own).await?;
    }
    known(own);
    Ok(Some(own))
}
