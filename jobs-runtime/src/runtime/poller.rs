//! Asks once a second what there is to do, and tells the loops whose business it is: one
//! statement for all that nobody else tells of.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::outage::Outage;
use super::server::Server;
use crate::storage::Poll;

/// The least time between two polls, however often one is asked for.
const PAUSE: Duration = Duration::from_millis(10);

pub(super) async fn run(server: Arc<Server>) {
    let mut outage = Outage::new("nothing is heard of other processes");
    loop {
        match server.storage().poll(&server.signs()).await {
            Ok(poll) => {
                outage.over();
                tell(&server, poll);
            }
            Err(error) => outage.wait(&error).await,
        }
        tokio::time::sleep(PAUSE).await;
        tokio::select! {
            () = tokio::time::sleep(server.settings.poll_every) => {}
            () = server.poll_now.notified() => {}
            () = server.inbox.schedule.notified() => {}
            () = server.stopped.cancelled() => return,
        }
    }
}

fn tell(server: &Server, poll: Poll) {
    if !poll.ready.is_empty() {
        server.inbox.name_queues(poll.ready);
    }
    server.next_due.send_replace(poll.next_due.map(|due| Instant::now() + due));
    server.inbox.call_by(poll.next_call.map(|call| Instant::now() + call));
    server.recurring_version.send_if_modified(|version| {
        std::mem::replace(version, poll.recurring_version) != poll.recurring_version
    });
    if !poll.revoked.is_empty() {
        server.running.cancel(&poll.revoked);
        let revoked: HashSet<_> = poll.revoked.into_iter().collect();
        let gone =
            |claimed: &crate::storage::Claimed| revoked.contains(&(claimed.lease, claimed.id));
        let waiting = server.buffer.remove(gone).into_iter().chain(server.solo.remove(gone));
        waiting.for_each(|claimed| server.give_back(claimed));
    }
}
