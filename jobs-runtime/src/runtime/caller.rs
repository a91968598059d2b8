//! Calls jobs that wait for throttles back into their lines, when time has made room for them;
//! sleeps until that is so. Where a run that ends makes room, its completion calls.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::outage::Outage;
use super::scheduler::until;
use super::server::Server;
use crate::error::StorageError;
use crate::storage::Effects;

/// Throttles looked at in one transaction.
const BATCH: u32 = 100;

/// The least time between two looks, in which room gathers: a hundredth of a second's worth.
const PAUSE: Duration = Duration::from_millis(10);

/// How much later a server looks who has come too late, and will again: whoever was first sees to
/// the next time as well, unless it dies.
const BEHIND: Duration = Duration::from_millis(30);

pub(super) async fn run(server: Arc<Server>) {
    let mut outage = Outage::new("jobs that wait for throttles are late");
    let mut next_call = server.inbox.next_call.subscribe();
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
        // Before the look, so that nothing is lost of what is told meanwhile.
        server.inbox.next_call.send_replace(None);
        match look(&server).await {
            Ok(next) => {
                outage.over();
                server.inbox.call_by(next);
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => {
                server.inbox.call_by(call);
                outage.wait(&error).await;
            }
        }
    }
}

/// Gives when to look again. It asks for that at the end, so that nobody who is called waits for it.
async fn look(server: &Server) -> Result<Option<Instant>, StorageError> {
    let mut called = call(server, false).await?;
    let mut next = server.storage().next_call().await?;
    if next.is_some_and(|next| next.is_zero()) {
        called |= call(server, true).await?;
        next = server.storage().next_call().await?;
    }
    let behind = if called { Duration::ZERO } else { BEHIND };
    Ok(next.map(|next| Instant::now() + next + behind))
}

/// Calls at throttles, or at the turns of keys, whose time to look has come; `false` if there are
/// none.
async fn call(server: &Server, turns: bool) -> Result<bool, StorageError> {
    let mut called = false;
    loop {
        let mut effects = Effects::default();
        let looked = server.storage().call_due(turns, BATCH, &mut effects).await?;
        server.storage().tell(effects);
        called |= looked > 0;
        if looked < BATCH as usize {
            return Ok(called);
        }
    }
}
