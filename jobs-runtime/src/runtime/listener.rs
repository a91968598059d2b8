//! Hears of lines that other processes have made longer. Nothing depends on it: what is missed is
//! found by the next poll.

use std::sync::Arc;
use std::time::Duration;

use super::server::Server;

/// The pause before a lost connection is opened again.
const PAUSE: Duration = Duration::from_secs(5);

pub(super) async fn run(server: Arc<Server>) {
    loop {
        tokio::select! {
            () = listen(&server) => {}
            () = server.stopped.cancelled() => return,
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = server.stopped.cancelled() => return,
        }
    }
}

async fn listen(server: &Server) {
    let mut listener = match server.storage().listen().await {
        Ok(Some(listener)) => listener,
        Ok(None) => return std::future::pending().await,
        Err(error) => {
            tracing::debug!(%error, "no notifications are heard; the poll goes on");
            return;
        }
    };
    loop {
        match listener.next().await {
            Ok(Some(queue)) if server.queues.contains(&queue) => {
                server.inbox.name_queues([queue]);
            }
            Ok(Some(_)) => {}
            // The connection was lost and is back: what was sent meanwhile is not known.
            Ok(None) => server.inbox.everything.notify_one(),
            Err(error) => {
                tracing::debug!(%error, "the connection for notifications was lost");
                return;
            }
        }
    }
}
