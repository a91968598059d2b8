//! One test's storage, client and probe.

use std::future::Future;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::time::Duration;

use jobs_runtime::{
    Client, JobHandle, JobId, JobRecord, JobState, Runtime, RuntimeBuilder, Storage, testing,
};
use tokio::sync::{Mutex, mpsc};
use tokio::time::{sleep, timeout};

use crate::{Note, Own, Place, Probe};

/// A test that takes this long hangs: far longer than any takes while the disk of a busy machine
/// stalls, and shorter than nextest waits, which would end it without a word.
const HANGS: Duration = Duration::from_secs(150);
/// How often a condition is looked at that nothing signals.
const LOOK: Duration = Duration::from_millis(10);
/// Far beyond what any test moves the clock by, so that it kills no server and parks no job.
pub(crate) const YEARS: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// What a behaviour is given: a fresh storage, a client of it, which is also the default client,
/// and the probe that its jobs inject.
#[derive(Debug, Clone)]
pub struct Bench(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    place: Place,
    storage: Storage,
    /// Others that were opened on the same place.
    others: Mutex<Vec<Storage>>,
    client: Client,
    probe: Probe,
    heard: Mutex<mpsc::UnboundedReceiver<Note>>,
}

/// Runs one behaviour on one storage.
///
/// # Panics
/// If the behaviour is not what it should be, or hangs.
pub fn run<F, Fut>(place: Place, behaviour: F)
where
    F: FnOnce(Bench) -> Fut,
    Fut: Future<Output = ()>,
{
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a tokio runtime");
    let ran = panic::catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async {
            let bench = Bench::open(place).await;
            let scoped = testing::scope(bench.client(), behaviour(bench.clone()));
            timeout(HANGS, Box::pin(scoped)).await.expect("the test hangs");
            bench.remove().await;
        });
    }));
    // Does not wait for blocking jobs, which a failed test leaves behind at their gates.
    runtime.shutdown_background();
    if let Err(panic) = ran {
        panic::resume_unwind(panic);
    }
}

impl Bench {
    async fn open(place: Place) -> Self {
        place.prepare();
        let storage = place.options().connect().await.expect("a fresh storage");
        let (probe, heard) = Probe::new();
        let client = Client::new(storage.clone());
        let heard = Mutex::new(heard);
        let others = Mutex::default();
        Self(Arc::new(Inner { place, storage, others, client, probe, heard }))
    }

    async fn remove(&self) {
        self.storage().close().await;
        for other in self.0.others.lock().await.iter() {
            other.close().await;
        }
        self.0.place.remove().await;
    }

    /// Where the jobs are.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.0.place
    }

    /// The storage.
    #[must_use]
    pub fn storage(&self) -> &Storage {
        &self.0.storage
    }

    /// The default client of the test.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    /// What the jobs inject.
    #[must_use]
    pub fn probe(&self) -> &Probe {
        &self.0.probe
    }

    /// The storage as another process would open it; in memory, where none could, the same.
    ///
    /// # Panics
    /// If it cannot be opened.
    pub async fn another_storage(&self) -> Storage {
        if self.0.place.is_private() {
            return self.storage().clone();
        }
        let other = self.0.place.options().connect().await.expect("the same storage again");
        self.0.others.lock().await.push(other.clone());
        other
    }

    /// A connection of the application's own.
    pub async fn own(&self) -> Own {
        Own::connect(self.place()).await
    }

    /// A runtime that suits tests: it looks often, and moving the clock kills no server.
    pub fn runtime(&self) -> RuntimeBuilder {
        self.runtime_on(self.storage().clone())
    }

    /// The same on another storage.
    pub fn runtime_on(&self, storage: Storage) -> RuntimeBuilder {
        Runtime::builder(storage)
            .state(self.probe().clone())
            .state(self.place().clone())
            .workers(4)
            .queues(["first", "default", "last"])
            .poll_every(Duration::from_millis(50))
            .heartbeat_every(Duration::from_millis(100))
            .dead_after(YEARS)
            .park_after(YEARS)
            .sweep_every(YEARS)
    }

    /// Starts such a runtime.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start(&self) -> Runtime {
        self.runtime().start().await.expect("a runtime")
    }

    /// Moves the clock of the storage.
    ///
    /// # Panics
    /// If the storage does not answer.
    pub async fn advance(&self, by: Duration) {
        self.storage().advance(by).await.expect("a clock that moves");
        if self.place().is_sqlite() && !self.place().is_private() {
            // The offset is kept in the process, for each storage.
            for other in self.0.others.lock().await.iter() {
                other.advance(by).await.expect("a clock that moves");
            }
        }
        self.client().wake();
    }

    /// The next thing that a job says.
    ///
    /// # Panics
    /// If no job will ever say anything.
    pub async fn heard(&self) -> Note {
        self.0.heard.lock().await.recv().await.expect("the probe lives")
    }

    /// Waits for a job to say this, and drops what others say before.
    pub async fn hear(&self, text: &str) -> Note {
        loop {
            let note = self.heard().await;
            if note.text == text {
                return note;
            }
        }
    }

    /// All that has been said and not heard yet.
    pub async fn said(&self) -> Vec<String> {
        let mut heard = self.0.heard.lock().await;
        std::iter::from_fn(|| heard.try_recv().ok()).map(|note| note.text).collect()
    }

    /// The record of a job.
    ///
    /// # Panics
    /// If it is not stored.
    pub async fn record(&self, job: JobId) -> JobRecord {
        self.find(job).await.unwrap_or_else(|| panic!("job {job} is not stored"))
    }

    /// The record of a job, if it is stored.
    ///
    /// # Panics
    /// If the storage does not answer.
    pub async fn find(&self, job: JobId) -> Option<JobRecord> {
        self.client().job(job).await.expect("a storage that answers")
    }

    /// The state of a job.
    pub async fn state<T>(&self, job: &JobHandle<T>) -> JobState {
        self.record(job.id()).await.placement.state
    }

    /// Waits until a job is in this state.
    pub async fn until_state<T>(&self, job: &JobHandle<T>, state: JobState) {
        self.until(async || {
            self.find(job.id()).await.is_some_and(|record| record.placement.state == state)
        })
        .await;
    }

    /// Waits until this is so. Only for what nothing signals.
    pub async fn until(&self, is_so: impl AsyncFn() -> bool) {
        while !is_so().await {
            sleep(LOOK).await;
        }
    }
}
