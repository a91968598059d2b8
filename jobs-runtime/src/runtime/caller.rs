//! Calls jobs that wait for throttles back into their lines, when time has made room for them;
//! sleeps until that is so. Where a run that ends makes room, its completion calls.

use std::sync::Arc;
use std::time::Duration;

use super::outage::Outage;
use super::scheduler::until;
use super::server::Server;
use crate::error::StorageError;
use crate::storage::Effects;

/// Throttles looked at in one transaction.
const BATCH: u32 = 100;

/// The least time between two looks, in which room gathers: a hundredth of a second's worth.
const PAUSE: Duration = Duration::from_millis(10);

pub(super) async fn run(server: Arc<Server>) {
    let mut outage = Outage::new("jobs that wait for throttles are late");
    let mut next_call = server.next_call.subscribe();
    loop {
        let call = *next_call.borrow_and_update();
        tokio::select! {
            () = until(call) => {}
            changed = next_call.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return,
            },
            () = server.stopping.cancelled() => return,
        }
        match look(&server).await {
            Ok(()) => {
                outage.over();
                // Until the next poll says when to look again.
                server.next_call.send_replace(None);
                server.poll_now.notify_one();
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => outage.wait(&error).await,
        }
    }
}

async fn look(server: &Server) -> Result<(), StorageError> {
    for turns in [false, true] {
        let mut looked = BATCH as usize;
        while looked >= BATCH as usize {
            let mut effects = Effects::default();
            looked = server.storage().call_due(turns, BATCH, &mut effects).await?;
            server.storage().tell(effects);
        }
    }
    Ok(())
}
