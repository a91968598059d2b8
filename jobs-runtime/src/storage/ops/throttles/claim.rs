//! Claims, with what throttles make of them.

use std::sync::Arc;

use super::admit::admit;
use crate::storage::model::{ClaimParams, Claimed};
use crate::storage::ops::Effects;
use crate::storage::tables::{Result, Tables};

/// The most jobs that are taken from lines at once while their throttles let none through.
const LARGEST: u32 = 1_000;

/// And so often at most.
const MOST_ROUNDS: usize = 16;

/// A claim that has taken so many from lines ends, so that it does not hold up others for long.
const MOST_TAKEN: usize = 4_000;

/// What a claim brought.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    pub(crate) jobs: Vec<Claimed>,
    /// The queue of the last job that was taken from a line, if the lines may hold more.
    pub(crate) last: Option<Arc<str>>,
}

/// Takes jobs from their lines until there are as many as wanted, or no more that have room.
pub(crate) async fn claim(
    t: &mut impl Tables,
    params: &ClaimParams<'_>,
    effects: &mut Effects,
) -> Result<Claims> {
    let wanted = params.limit as usize;
    let mut claims = Claims::default();
    let (mut limit, mut taken) = (params.limit, 0);
    for _ in 0..MOST_ROUNDS {
        let claimed = t.claim(&ClaimParams { limit, ..params.clone() }).await?;
        let count = claimed.len();
        taken += count;
        claims.last = claimed.last().map(|job| Arc::clone(&job.queue));
        let mut round = Effects::default();
        let admitted = admit(t, claimed, wanted - claims.jobs.len(), &mut round).await?;
        let is_longer = params.queues.iter().any(|queue| round.queues.contains(*queue));
        effects.queues.append(&mut round.queues);
        effects.call_by(round.next_call);
        let none = admitted.is_empty();
        claims.jobs.extend(admitted);
        if count < limit as usize && !is_longer {
            claims.last = None;
            break;
        }
        let left = wanted - claims.jobs.len();
        if left == 0 || taken >= MOST_TAKEN {
            break;
        }
        // The more are without room, the more are looked at.
        limit = match none {
            true => limit.saturating_mul(2).clamp(1, LARGEST.max(params.limit)),
            false => u32::try_from(left).unwrap_or(u32::MAX),
        };
    }
    Ok(claims)
}
