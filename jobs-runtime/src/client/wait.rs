//! Waiting for jobs to settle: told inside the process, else one poll for all who wait.

use std::time::Duration;

use tokio::time::{sleep, timeout as within};

use super::Client;
use crate::error::WaitError;
use crate::job::JobId;
use crate::storage::{Settled, Storage};

/// The first pause between two polls; each further one is longer by half.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Jobs asked about in one statement.
const BATCH: usize = 500;

pub(super) async fn until_settled(
    client: &Client,
    job: JobId,
    timeout: Option<Duration>,
) -> Result<Settled, WaitError> {
    match timeout {
        None => settle(client, job).await,
        Some(timeout) => match within(timeout, settle(client, job)).await {
            Ok(settled) => settled,
            Err(_) => Err(WaitError::TimedOut(timeout)),
        },
    }
}

async fn settle(client: &Client, job: JobId) -> Result<Settled, WaitError> {
    loop {
        // Registered before the look, so that nothing slips between the two.
        let signal = client.signals().watch(job);
        if let Some((_, settled)) = client.storage().settled(&[job]).await?.pop() {
            return settled.ok_or(WaitError::Gone(job));
        }
        if client.signals().start_polling() {
            tokio::spawn(poll(client.storage().clone()));
        }
        // A signal that was dropped means: look again.
        let _ = signal.await;
    }
}

/// Asks about all jobs that are waited for, until nobody waits.
async fn poll(storage: Storage) {
    let mut pause = SHORTEST_PAUSE;
    loop {
        sleep(pause).await;
        pause = (pause + pause / 2).min(LONGEST_PAUSE);
        let watched = storage.signals().watched();
        if watched.is_empty() {
            return;
        }
        for batch in watched.chunks(BATCH) {
            match storage.settled(batch).await {
                Ok(settled) => {
                    let settled: Vec<JobId> = settled.into_iter().map(|(job, _)| job).collect();
                    if !settled.is_empty() {
                        pause = SHORTEST_PAUSE;
                    }
                    storage.signals().settled(&settled);
                }
                Err(error) => {
                    tracing::debug!(%error, "asking for the ends of jobs failed; will ask again");
                }
            }
        }
    }
}
