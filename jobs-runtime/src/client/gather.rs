//! Enqueues of many tasks, gathered: while one transaction is under way the next batch gathers.
//! There is no timer, so that a lone enqueue waits for nothing, and each caller returns when the
//! transaction with its own job has committed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::seats::Seats;
use crate::error::{Error, StorageError};
use crate::storage::{Effects, NewJob, Retention, Storage, Stored};

/// The most jobs in one transaction of gathered enqueues.
const LARGEST_BATCH: usize = 1_000;

type Answer = Result<Stored, Error>;

pub(super) struct Gather {
    storage: Storage,
    retention: Retention,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: Vec<Waiting>,
    /// A task is writing; it takes what gathers meanwhile.
    writing: bool,
}

struct Waiting {
    job: NewJob,
    answer: oneshot::Sender<Answer>,
}

impl Gather {
    pub(super) fn new(storage: Storage, retention: Retention) -> Self {
        Self { storage, retention, state: Mutex::default() }
    }

    pub(super) async fn submit(self: &Arc<Self>, job: NewJob) -> Result<Stored, Error> {
        let (answer, answered) = oneshot::channel();
        let idle = {
            let mut state = self.lock();
            state.waiting.push(Waiting { job, answer });
            !std::mem::replace(&mut state.writing, true)
        };
        if idle {
            // A task of its own, so that a caller that is dropped, or not polled for a while, takes
            // or holds up nobody else's job.
            tokio::spawn(Arc::clone(self).write());
        }
        answered.await.unwrap_or_else(|_| Err(interrupted()))
    }

    async fn write(self: Arc<Self>) {
        while let Some(batch) = self.next_batch() {
            self.write_batch(batch).await;
            // Callers that have just been answered enqueue again before the next batch begins:
            // else two halves of them would take turns, in twice as many transactions.
            tokio::task::yield_now().await;
        }
    }

    fn next_batch(&self) -> Option<Vec<Waiting>> {
        let mut state = self.lock();
        if state.waiting.is_empty() {
            state.writing = false;
            return None;
        }
        if state.waiting.len() <= LARGEST_BATCH {
            return Some(std::mem::take(&mut state.waiting));
        }
        let rest = state.waiting.split_off(LARGEST_BATCH);
        Some(std::mem::replace(&mut state.waiting, rest))
    }

    async fn write_batch(&self, batch: Vec<Waiting>) {
        let (jobs, callers): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|waiting| (waiting.job, waiting.answer)).unzip();
        match self.store(&jobs).await {
            Ok(answers) => answer(callers, answers),
            // One refused job fails the others of its batch.
            Err(error) if jobs.len() > 1 && error.is_refusal() => {
                for (job, caller) in jobs.chunks(1).zip(callers) {
                    let alone = self.store(job).await;
                    let alone = alone.map_err(Error::from).and_then(|mut answers| {
                        answers.pop().unwrap_or_else(|| Err(interrupted()))
                    });
                    answer(vec![caller], vec![alone]);
                }
            }
            Err(error) => {
                let answers = callers.iter().map(|_| Err(error.clone().into())).collect();
                answer(callers, answers);
            }
        }
    }

    async fn store(&self, jobs: &[NewJob]) -> Result<Vec<Answer>, StorageError> {
        let mut effects = Effects::default();
        let answers = match self.seats(jobs) {
            Some(seats) => {
                let stored = jobs.iter().map(|job| Ok(Stored::New(job.id))).collect();
                let params = seats.params();
                let claimed = self.storage.enqueue_leased(jobs, &params, &mut effects).await?;
                seats.fill(claimed);
                stored
            }
            None => self.storage.enqueue(jobs, &self.retention, &mut effects).await?,
        };
        self.storage.tell(effects);
        Ok(answers)
    }

    /// Idle workers of this process, for jobs that could start at once.
    fn seats(&self, jobs: &[NewJob]) -> Option<Box<dyn Seats>> {
        let plain = jobs.iter().all(NewJob::is_plain);
        plain.then(|| self.storage.signals().seats(jobs)).flatten()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A caller that has gone away meanwhile is not told.
fn answer(callers: Vec<oneshot::Sender<Answer>>, answers: Vec<Answer>) {
    for (caller, answer) in callers.into_iter().zip(answers) {
        let _ = caller.send(answer);
    }
}

/// The task that was to write was dropped with its tokio runtime.
fn interrupted() -> Error {
    StorageError::from(sqlx::Error::WorkerCrashed).into()
}
