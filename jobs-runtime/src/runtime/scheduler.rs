//! Moves due scheduled jobs to their lines; sleeps until the next one is due.

use std::sync::Arc;
use std::time::Instant;

use super::outage::Outage;
use super::server::Server;
use crate::error::StorageError;
use crate::storage::Effects;

/// Jobs moved in one transaction.
const BATCH: u32 = 1_000;

pub(super) async fn run(server: Arc<Server>) {
    let mut outage = Outage::new("due jobs are late");
    let mut next_due = server.next_due.subscribe();
    loop {
        let due = *next_due.borrow_and_update();
        tokio::select! {
            () = until(due) => {}
            changed = next_due.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return,
            },
            () = server.stopping.cancelled() => return,
        }
        match promote(&server).await {
            Ok(()) => {
                outage.over();
                // Until the next poll says when the next one is due.
                server.next_due.send_replace(None);
                server.poll_now.notify_one();
            }
            Err(error) => outage.wait(&error).await,
        }
    }
}

async fn promote(server: &Server) -> Result<(), StorageError> {
    loop {
        let mut effects = Effects::default();
        let moved = server.storage().promote_due(BATCH, &mut effects).await?;
        server.storage().tell(effects);
        if moved < BATCH as usize {
            return Ok(());
        }
    }
}

pub(super) async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant.into()).await,
        None => std::future::pending().await,
    }
}
