//! Writes outcomes in batches: while one write is under way the next batch gathers, so that there
//! is no timer, and no delay when there is little to write.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::outage::Outage;
use super::server::Server;
use crate::error::StorageError;
use crate::job::{FailureKind, JobFailure, JobId};
use crate::storage::{Claimed, Complete, Completion, Count, Outcome};

/// The most outcomes in one transaction.
const LARGEST_BATCH: usize = 2_000;

/// A job that a worker is done with.
pub(crate) struct Ended {
    job: JobId,
    lease: i64,
    seq: i64,
    count: Count,
    outcome: Outcome,
    started: Instant,
    took: Duration,
    keep: Option<Duration>,
}

impl Ended {
    pub(super) fn new(
        claimed: &Claimed,
        outcome: Outcome,
        started: Instant,
        keep: Option<Duration>,
    ) -> Self {
        let charged = i32::try_from(claimed.charged).unwrap_or(i32::MAX);
        Self {
            job: claimed.id,
            lease: claimed.lease,
            seq: claimed.seq,
            count: Count { run: claimed.run, charged },
            outcome,
            started,
            took: started.elapsed(),
            keep,
        }
    }

    /// A job that was claimed and never started.
    pub(super) fn given_back(claimed: Claimed) -> Self {
        Self::new(&claimed, Outcome::Released { started: false }, Instant::now(), None)
    }

    fn completion(self) -> (Completion, Instant) {
        let completion = Completion {
            job: self.job,
            lease: self.lease,
            seq: self.seq,
            count: self.count,
            outcome: self.outcome,
            age: self.started.elapsed(),
            took: self.took,
            keep: self.keep,
        };
        (completion, self.started)
    }
}

pub(super) struct Completer {
    server: Arc<Server>,
    ended: mpsc::UnboundedReceiver<Ended>,
}

impl Completer {
    pub(super) fn new(server: Arc<Server>, ended: mpsc::UnboundedReceiver<Ended>) -> Self {
        Self { server, ended }
    }

    pub(super) async fn run(mut self) {
        let server = Arc::clone(&self.server);
        let mut batch = Vec::with_capacity(LARGEST_BATCH);
        loop {
            tokio::select! {
                biased;
                received = self.ended.recv_many(&mut batch, LARGEST_BATCH) => {
                    if received == 0 {
                        return;
                    }
                }
                () = server.stopped.cancelled() => return,
            }
            server.completing.store(true, Ordering::Release);
            self.write(std::mem::take(&mut batch)).await;
            server.completing.store(false, Ordering::Release);
        }
    }

    async fn write(&self, batch: Vec<Ended>) {
        let count = batch.len();
        let drained = self.server.drain_leases(batch.iter().map(|ended| ended.lease));
        let (mut completions, started): (Vec<_>, Vec<_>) =
            batch.into_iter().map(Ended::completion).unzip();
        let mut outage = Outage::new("outcomes are kept until they can be written");
        let mut again = false;
        while let Err(error) = self.store(&completions, &drained, again).await {
            // A batch is refused for what one of them holds: find out which.
            if error.is_refusal() && again {
                self.store_one_by_one(&completions, &drained).await;
                break;
            }
            again = true;
            if !error.is_refusal() {
                outage.wait(&error).await;
            }
            for (completion, started) in completions.iter_mut().zip(&started) {
                completion.age = started.elapsed();
            }
        }
        outage.over();
        self.server.forget_leases(&drained);
        self.server.written(count);
    }

    async fn store(
        &self,
        completions: &[Completion],
        drained: &[i64],
        again: bool,
    ) -> Result<(), StorageError> {
        let retention = self.server.client().retention();
        let server = self.server.id();
        let params = Complete { server, completions, drained, retention, again };
        let done = self.server.storage().complete(&params).await?;
        self.server.storage().tell(done.effects);
        if !done.refused.is_empty() && !again {
            tracing::debug!(
                jobs = ?done.refused,
                "these jobs were taken from this server while it ran them; nothing was changed"
            );
        }
        Ok(())
    }

    /// Fails the jobs whose outcome the storage refuses, so that one does not hold up the others.
    async fn store_one_by_one(&self, completions: &[Completion], drained: &[i64]) {
        for completion in completions {
            let alone = std::slice::from_ref(completion);
            let Err(error) = self.store(alone, &[], true).await else { continue };
            tracing::error!(job = %completion.job, %error, "the outcome cannot be stored");
            let message = format!("the outcome of the run could not be stored: {error}");
            let failure = JobFailure::new(FailureKind::Output, message);
            let failed = Completion { outcome: Outcome::Failed { failure }, ..completion.clone() };
            if let Err(error) = self.store(&[failed], &[], true).await {
                tracing::error!(job = %completion.job, %error, "nor that it failed");
            }
        }
        if let Err(error) = self.store(&[], drained, true).await {
            tracing::debug!(%error, "leases that are used up stay until the server ends");
        }
    }
}
