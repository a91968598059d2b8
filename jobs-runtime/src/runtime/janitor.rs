//! Removes what has been kept for long enough, and parks what no server knows.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::outage::Outage;
use super::server::Server;
use crate::error::StorageError;
use crate::storage::Effects;

/// Jobs removed in one transaction, so that none takes long enough to hold up a worker.
const BATCH: u32 = 500;
/// Batches that are cancelled in one round.
const BATCHES: u32 = 10;
/// The longest pause between two such transactions.
const PAUSE: Duration = Duration::from_millis(20);
/// How long the traces of servers and occurrences are kept.
const TRACES: Duration = Duration::from_secs(7 * 24 * 60 * 60);

pub(super) async fn run(server: Arc<Server>) {
    let mut outage = Outage::new("expired jobs are kept for longer");
    loop {
        let pause = server.settings.sweep_every.mul_f64(rand::random_range(0.8..=1.0));
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = server.stopped.cancelled() => return,
        }
        let result = async {
            // Before what is counted goes.
            server.storage().count_ends().await?;
            sweep(&server).await?;
            park(&server).await?;
            cancel(&server).await?;
            server.storage().forget(TRACES).await
        };
        tokio::select! {
            result = result => match result {
                Ok(()) => outage.over(),
                Err(error) => outage.wait(&error).await,
            },
            () = server.stopped.cancelled() => return,
        }
    }
}

/// After each transaction it leaves others as much time as that took, up to a limit: a fixed pause
/// of that length held a fast database to 17,000 removals a second.
async fn sweep(server: &Server) -> Result<(), StorageError> {
    let retention = server.client().retention();
    loop {
        let mut effects = Effects::default();
        let storage = server.storage();
        let begin = Instant::now();
        let sweep = storage.sweep(BATCH, retention, &mut effects).await?;
        storage.tell(effects);
        if sweep.removed > 0 {
            tracing::debug!(jobs = sweep.removed, "removed expired jobs");
        }
        if !sweep.more {
            return Ok(());
        }
        tokio::time::sleep(begin.elapsed().min(PAUSE)).await;
    }
}

/// Goes on with what somebody began to cancel and did not end.
async fn cancel(server: &Server) -> Result<(), StorageError> {
    for batch in server.storage().cancelled_batches(BATCHES).await? {
        server.client().cancel_members(batch).await?;
    }
    Ok(())
}

async fn park(server: &Server) -> Result<(), StorageError> {
    let unseen = server.settings.park_after;
    let retention = server.client().retention();
    loop {
        let mut effects = Effects::default();
        let parked = server.storage().park_unknown(unseen, BATCH, retention, &mut effects).await?;
        server.storage().tell(effects);
        if parked.is_empty() {
            return Ok(());
        }
        tracing::warn!(jobs = ?parked, "parked jobs of kinds that no live server knows");
    }
}
