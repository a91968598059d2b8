//! Writes outcomes in batches: while one write is under way the next batch gathers, so that there
//! is no timer, and no delay when there is little to write.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};

use super::outage::Outage;
use super::server::Server;
use crate::error::StorageError;
use crate::job::{BatchId, FailureKind, JobFailure, JobId};
use crate::storage::{Claimed, Complete, Completion, Count, Member, Outcome, may_hold_slot};

/// The most outcomes in one transaction.
const LARGEST_BATCH: usize = 2_000;
/// The most transactions at a time.
const WRITERS: usize = 2;

/// A job that a worker is done with.
pub(crate) struct Ended {
    job: JobId,
    lease: i64,
    seq: i64,
    count: Count,
    /// `None` if the job has only left the lease.
    outcome: Option<Outcome>,
    /// Something may have been written already.
    again: bool,
    started: Instant,
    took: Duration,
    keep: Option<Duration>,
    batch: Option<BatchId>,
    holds_slot: bool,
}

impl Ended {
    pub(super) fn new(
        claimed: &Claimed,
        outcome: Outcome,
        started: Instant,
        took: Duration,
        keep: Option<Duration>,
    ) -> Self {
        let charged = i32::try_from(claimed.charged).unwrap_or(i32::MAX);
        Self {
            job: claimed.id,
            lease: claimed.lease,
            seq: claimed.seq,
            count: Count { run: claimed.run, charged },
            outcome: Some(outcome),
            again: false,
            started,
            took,
            keep,
            batch: None,
            holds_slot: may_hold_slot(claimed.options.as_deref()),
        }
    }

    /// The same of a member of a batch.
    pub(super) fn member_of(self, batch: Option<BatchId>) -> Self {
        Self { batch, ..self }
    }

    /// A job that was claimed and never started.
    pub(super) fn given_back(claimed: Claimed) -> Self {
        let outcome = Outcome::Released { started: false };
        Self::new(&claimed, outcome, Instant::now(), Duration::ZERO, None)
    }

    /// A job that goes on under a lease of its own.
    pub(super) fn moved(lease: i64, member: Member) -> Self {
        let Member { job, seq, count } = member;
        Self {
            job,
            lease,
            seq,
            count,
            outcome: None,
            again: false,
            started: Instant::now(),
            took: Duration::ZERO,
            keep: None,
            batch: None,
            holds_slot: false,
        }
    }

    /// The same of a job that may have been ended by a transaction of its function, which has had
    /// this lease to itself, if one.
    pub(super) fn unless_written(self, own_lease: Option<i64>) -> Self {
        Self { lease: own_lease.unwrap_or(self.lease), again: true, ..self }
    }

    fn completion(self, now: Instant) -> Option<(Completion, Instant)> {
        let completion = Completion {
            job: self.job,
            lease: self.lease,
            seq: self.seq,
            count: self.count,
            outcome: self.outcome?,
            age: now.saturating_duration_since(self.started),
            took: self.took,
            keep: self.keep,
            batch: self.batch,
            holds_slot: self.holds_slot,
        };
        Some((completion, self.started))
    }
}

/// Takes what has ended, and has it written by up to two tasks: while the database is busy with
/// one batch, the next is got ready. A batch is given to the second only when it is full, so
/// that less comes to fewer commits; and never with a lease that the first is writing to, since
/// it would wait for the first to commit.
pub(super) struct Completer {
    server: Arc<Server>,
    ended: mpsc::UnboundedReceiver<Ended>,
    waiting: Vec<Ended>,
    /// Those that wait whose lease is being written to.
    held: Vec<Ended>,
    /// The leases that are being written to.
    busy: HashSet<i64, foldhash::fast::RandomState>,
    writes: JoinSet<Vec<i64>>,
}

impl Completer {
    pub(super) fn new(server: Arc<Server>, ended: mpsc::UnboundedReceiver<Ended>) -> Self {
        Self {
            server,
            ended,
            waiting: Vec::new(),
            held: Vec::new(),
            busy: HashSet::default(),
            writes: JoinSet::new(),
        }
    }

    pub(super) async fn run(mut self) {
        let server = Arc::clone(&self.server);
        let mut batch = Vec::with_capacity(LARGEST_BATCH);
        loop {
            tokio::select! {
                biased;
                () = server.stopped.cancelled() => return,
                Some(written) = self.writes.join_next() => self.release(written),
                received = self.ended.recv_many(&mut batch, LARGEST_BATCH) => {
                    // The sender lives in the server.
                    if received == 0 {
                        return;
                    }
                    self.sort(batch.drain(..));
                }
            }
            while self.writes.is_empty() && !self.waiting.is_empty()
                || self.writes.len() < WRITERS && self.waiting.len() >= LARGEST_BATCH
            {
                self.begin();
            }
            server.completing.store(!self.writes.is_empty(), Ordering::Release);
            server.note_backlog(self.waiting.len() + self.held.len());
        }
    }

    fn sort(&mut self, ended: impl IntoIterator<Item = Ended>) {
        for ended in ended {
            match self.busy.contains(&ended.lease) {
                true => self.held.push(ended),
                false => self.waiting.push(ended),
            }
        }
    }

    fn begin(&mut self) {
        let later = self.waiting.split_off(LARGEST_BATCH.min(self.waiting.len()));
        let batch = std::mem::take(&mut self.waiting);
        let mut leases: Vec<i64> = batch.iter().map(|ended| ended.lease).collect();
        leases.dedup();
        self.busy.extend(&leases);
        self.sort(later);
        let writer = Writer { server: Arc::clone(&self.server) };
        self.writes.spawn(async move {
            writer.write(batch).await;
            leases
        });
    }

    fn release(&mut self, written: Result<Vec<i64>, JoinError>) {
        match written {
            Ok(leases) => leases.iter().for_each(|lease| {
                self.busy.remove(lease);
            }),
            // Their leases stay busy: nobody knows what was written.
            Err(error) => tracing::error!(
                %error,
                "outcomes were not written; their jobs are put back when this server is gone"
            ),
        }
        let mut ended = std::mem::take(&mut self.held);
        ended.append(&mut self.waiting);
        self.sort(ended);
    }
}

pub(super) struct Writer {
    pub(super) server: Arc<Server>,
}

impl Writer {
    pub(super) async fn write(&self, batch: Vec<Ended>) {
        let count = batch.len();
        let drained = self.server.drain_leases(batch.iter().map(|ended| ended.lease));
        let now = Instant::now();
        let mut again = batch.iter().any(|ended| ended.again);
        let (mut completions, started): (Vec<_>, Vec<_>) =
            batch.into_iter().filter_map(|ended| ended.completion(now)).unzip();
        if completions.is_empty() && drained.is_empty() {
            return self.server.written(count);
        }
        let mut outage = Outage::new("outcomes are kept until they can be written");
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
