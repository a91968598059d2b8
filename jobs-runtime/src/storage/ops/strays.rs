//! Giving up leases that their own server does not know of.

use std::collections::HashSet;

use super::Effects;
use super::place::{Return, line_up};
use super::rescue::unfinished;
use super::throttles::release_leases;
use crate::storage::model::Lease;
use crate::storage::tables::{Result, Tables};

/// Puts the jobs of a server's leases back to their former places, but for the leases that it
/// knows. Gives how many jobs that were.
pub(crate) async fn release_strays(
    t: &mut impl Tables,
    server: i64,
    known: &HashSet<i64>,
    effects: &mut Effects,
) -> Result<usize> {
    let mut strays = t.leases_of(&[server]).await?;
    strays.retain(|lease| !known.contains(&lease.id));
    let mut returns = Vec::new();
    for solo in [false, true] {
        let leases: Vec<&Lease> = strays.iter().filter(|lease| lease.solo == solo).collect();
        let members = unfinished(t, &leases).await?;
        returns.extend(members.into_iter().map(|member| Return {
            job: member.job,
            count: member.count,
            solo,
            seq: Some(member.seq),
        }));
    }
    let released = returns.len();
    line_up(t, returns, effects).await?;
    let ids: Vec<i64> = strays.iter().map(|lease| lease.id).collect();
    t.delete_leases(&ids).await?;
    release_leases(t, &ids, effects).await?;
    Ok(released)
}
