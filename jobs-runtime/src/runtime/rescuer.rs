//! Puts the jobs of dead servers back.

use std::sync::Arc;
use std::time::Duration;

use super::outage::Outage;
use super::server::Server;
use crate::storage::Effects;

pub(super) async fn run(server: Arc<Server>) {
    let mut outage = Outage::new("the jobs of dead servers wait");
    let silence = server.settings.dead_after;
    let every = silence * 2 / 3;
    loop {
        // Spread, so that the servers do not all look at the same moment.
        let pause = every.mul_f64(rand::random_range(0.8..=1.0)).max(Duration::from_millis(50));
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = server.stopped.cancelled() => return,
        }
        let mut effects = Effects::default();
        let retention = server.client().retention();
        match server.storage().rescue(silence, retention, &mut effects).await {
            Ok(rescued) => {
                outage.over();
                if rescued > 0 {
                    tracing::warn!(jobs = rescued, "put back the jobs of a server that died");
                }
                server.storage().tell(effects);
            }
            Err(error) => outage.wait(&error).await,
        }
    }
}
