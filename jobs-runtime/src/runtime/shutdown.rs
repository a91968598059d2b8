//! Going in order: fetch nothing more, let the running jobs end, tell the rest to stop, put them
//! back, say goodbye.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use super::server::Server;
use crate::error::Error;

/// How long the last outcomes may take to be written.
const LAST_WRITES: Duration = Duration::from_secs(5);

/// The tasks of a runtime; they end when this is dropped.
pub(super) struct Tasks {
    pub(super) fetcher: Aborting,
    pub(super) others: JoinSet<()>,
}

/// A task that ends when its handle is dropped.
pub(super) struct Aborting(pub(super) JoinHandle<()>);

impl Drop for Aborting {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Waits for SIGTERM or Ctrl-C.
pub(super) async fn signal() -> Result<(), Error> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let failed = |error: std::io::Error| {
            Error::Setting(format!("signals cannot be listened for: {error}"))
        };
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
        tokio::select! {
            _ = terminate.recv() => Ok(()),
            result = tokio::signal::ctrl_c() => result.map_err(failed),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c()
        .await
        .map_err(|error| Error::Setting(format!("signals cannot be listened for: {error}")))
}

/// Shuts the server down; when `hurry` ends, so does the grace period.
pub(super) async fn shut_down(
    server: Arc<Server>,
    tasks: Tasks,
    hurry: impl Future,
) -> Result<(), Error> {
    let Tasks { mut fetcher, mut others } = tasks;
    server.stopping.cancel();
    // A claim that is under way is waited for, so that its jobs are given back and not lost to
    // the rescuer.
    let mut hurry = std::pin::pin!(hurry);
    let hurried = tokio::select! {
        _ = timeout(LAST_WRITES, &mut fetcher.0) => false,
        _ = &mut hurry => true,
    };
    for claimed in server.buffer.clear().into_iter().chain(server.solo.clear()) {
        server.give_back(claimed);
    }
    let mut unwritten = server.unwritten.subscribe();
    let mut ended = std::pin::pin!(async move {
        // The sender lives in the server.
        let _ = unwritten.wait_for(|unwritten| *unwritten == 0).await;
    });
    let in_time = !hurried
        && tokio::select! {
            () = &mut ended => true,
            () = tokio::time::sleep(server.settings.grace) => false,
            _ = &mut hurry => false,
        };
    let complete = in_time || {
        server.running.cancel_all();
        timeout(server.settings.cancel_grace.saturating_add(LAST_WRITES), &mut ended).await.is_ok()
    };
    server.client().signals().leave(&server.inbox);
    let departed = match complete {
        true => timeout(LAST_WRITES, server.storage().depart(server.id())).await,
        // Its silence tells the others to rescue what it still has.
        false => Ok(Ok(())),
    };
    server.stopped.cancel();
    others.abort_all();
    while others.join_next().await.is_some() {}
    match departed {
        Ok(Ok(())) if complete => Ok(()),
        Ok(Err(error)) => Err(error.into()),
        _ => Err(Error::UnfinishedShutdown),
    }
}
