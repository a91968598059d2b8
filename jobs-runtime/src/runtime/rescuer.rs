//! Puts the jobs of dead servers back.

use std::sync::Arc;
use std::time::Duration;

use super::outage::Outage;
use super::server::Server;
use crate::error::StorageError;
use crate::storage::Effects;

pub(super) async fn run(server: Arc<Server>) {
    let mut outage = Outage::new("the jobs of dead servers wait");
    let every = server.settings.dead_after * 2 / 3;
    loop {
        // Spread, so that the servers do not all look at the same moment.
        let pause = every.mul_f64(rand::random_range(0.8..=1.0)).max(Duration::from_millis(50));
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = server.stopped.cancelled() => return,
        }
        match rescue(&server).await {
            Ok(()) => outage.over(),
            Err(error) => outage.wait(&error).await,
        }
    }
}

async fn rescue(server: &Server) -> Result<(), StorageError> {
    // Asked first, so that what follows does not wait for the end of an outage that began after
    // the last heartbeat.
    server.storage().now().await?;
    if !server.pulse.is_steady() {
        return Ok(());
    }
    let mut effects = Effects::default();
    let (silence, retention) = (server.settings.dead_after, server.client().retention());
    // And again once the transaction has begun, which on SQLite may have to wait for a writer.
    let steady = || server.pulse.is_steady();
    let rescued = server.storage().rescue(silence, steady, retention, &mut effects).await?;
    if rescued > 0 {
        tracing::warn!(jobs = rescued, "put back the jobs of a server that died");
    }
    server.storage().tell(effects);
    Ok(())
}
