//! What stands inside the jobs of a test and tells the test about them.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jobs_runtime::{CancellationToken, JobContext, JobId};
use tokio::sync::{mpsc, watch};

/// Something that a job said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The job that said it.
    pub job: JobId,
    /// In which attempt.
    pub attempt: u32,
    /// What it said.
    pub text: String,
}

/// Registered as state in the runtimes of a test; clones are the same probe.
#[derive(Debug, Clone)]
pub struct Probe(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    notes: mpsc::UnboundedSender<Note>,
    gates: watch::Sender<HashSet<String>>,
    runs: Mutex<HashMap<JobId, u32>>,
    tokens: Mutex<HashMap<JobId, CancellationToken>>,
    tallies: Mutex<HashMap<String, u32>>,
}

impl Probe {
    /// A probe, and where what is said to it is heard.
    #[must_use]
    pub fn new() -> (Self, mpsc::UnboundedReceiver<Note>) {
        let (notes, heard) = mpsc::unbounded_channel();
        let inner = Inner {
            notes,
            gates: watch::Sender::default(),
            runs: Mutex::default(),
            tokens: Mutex::default(),
            tallies: Mutex::default(),
        };
        (Self(Arc::new(inner)), heard)
    }

    /// Counts a run and keeps its token; gives how many runs the job has had, with this one.
    pub fn begin(&self, ctx: &JobContext) -> u32 {
        lock(&self.0.tokens).insert(ctx.id(), ctx.cancellation().clone());
        let mut runs = lock(&self.0.runs);
        let count = runs.entry(ctx.id()).or_default();
        *count += 1;
        *count
    }

    /// How many runs of a job have begun.
    #[must_use]
    pub fn runs(&self, job: JobId) -> u32 {
        lock(&self.0.runs).get(&job).copied().unwrap_or_default()
    }

    /// The cancellation token of the last run of a job that has begun.
    ///
    /// # Panics
    /// If none has.
    #[must_use]
    pub fn token(&self, job: JobId) -> CancellationToken {
        lock(&self.0.tokens).get(&job).cloned().expect("a run of the job has begun")
    }

    /// Tells the test something.
    pub fn say(&self, ctx: &JobContext, text: impl Into<String>) {
        let note = Note { job: ctx.id(), attempt: ctx.attempt(), text: text.into() };
        // A test that has ended does not listen.
        let _ = self.0.notes.send(note);
    }

    /// Adds one to a tally; gives its value.
    pub fn tally(&self, name: &str) -> u32 {
        let mut tallies = lock(&self.0.tallies);
        let tally = tallies.entry(name.to_owned()).or_default();
        *tally += 1;
        *tally
    }

    /// The value of a tally.
    #[must_use]
    pub fn count(&self, name: &str) -> u32 {
        lock(&self.0.tallies).get(name).copied().unwrap_or_default()
    }

    /// Waits until the gate is open.
    pub async fn pass(&self, gate: &str) {
        // The sender is held by `self`.
        let _ = self.0.gates.subscribe().wait_for(|open| open.contains(gate)).await;
    }

    /// As [`pass`](Self::pass), on a thread of its own.
    pub fn pass_blocking(&self, gate: &str) {
        tokio::runtime::Handle::current().block_on(self.pass(gate));
    }

    /// Opens a gate for good.
    pub fn open(&self, gate: &str) {
        self.0.gates.send_modify(|open| {
            open.insert(gate.to_owned());
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
