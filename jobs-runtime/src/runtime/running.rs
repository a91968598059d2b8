//! The jobs that are running on this server.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::job::JobId;

/// One job that is running.
#[derive(Clone)]
pub(super) struct Run {
    pub(super) lease: i64,
    pub(super) token: CancellationToken,
    cause: Arc<AtomicU8>,
    /// The storage knows that it runs.
    noted: Arc<AtomicBool>,
}

/// Why a run was told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Cause {
    None = 0,
    /// The server is going; the job goes back to its queue.
    Shutdown = 1,
    /// The job is no longer this server's.
    Lost = 2,
}

impl Run {
    pub(super) fn new(lease: i64) -> Self {
        Self {
            lease,
            token: CancellationToken::new(),
            cause: Arc::new(AtomicU8::new(Cause::None as u8)),
            noted: Arc::default(),
        }
    }

    pub(super) fn cause(&self) -> Cause {
        match self.cause.load(Ordering::Acquire) {
            1 => Cause::Shutdown,
            2 => Cause::Lost,
            _ => Cause::None,
        }
    }

    fn stop(&self, cause: Cause) {
        self.cause.store(cause as u8, Ordering::Release);
        self.token.cancel();
    }
}

/// By lease and job: a job that was requeued while it ran can run again beside its former run.
#[derive(Default)]
pub(super) struct Running(Mutex<HashMap<(i64, JobId), Run>>);

impl Running {
    pub(super) fn insert(&self, job: JobId, run: Run) {
        self.lock().insert((run.lease, job), run);
    }

    pub(super) fn remove(&self, lease: i64, job: JobId) {
        self.lock().remove(&(lease, job));
    }

    /// Tells jobs to stop that were taken out of their leases.
    pub(super) fn cancel(&self, lost: &[(i64, JobId)]) {
        let running = self.lock();
        for lost in lost {
            if let Some(run) = running.get(lost) {
                run.stop(Cause::Lost);
            }
        }
    }

    /// Tells all to stop, since none is this server's any longer.
    pub(super) fn cancel_all(&self) {
        self.lock().values().for_each(|run| run.stop(Cause::Lost));
    }

    /// Tells all to stop, since the server is going.
    pub(super) fn shut_down(&self) {
        let running = self.lock();
        running.values().filter(|run| run.cause() == Cause::None).for_each(|run| {
            run.stop(Cause::Shutdown);
        });
    }

    /// The jobs that the storage does not know to be running, by their leases.
    pub(super) fn unnoted(&self) -> Vec<(i64, Vec<JobId>)> {
        let mut leases: HashMap<i64, Vec<JobId>> = HashMap::new();
        let running = self.lock();
        for ((lease, job), _) in
            running.iter().filter(|(_, run)| !run.noted.load(Ordering::Acquire))
        {
            leases.entry(*lease).or_default().push(*job);
        }
        leases.into_iter().collect()
    }

    pub(super) fn mark_noted(&self, noted: &[(i64, Vec<JobId>)]) {
        let running = self.lock();
        for (lease, jobs) in noted {
            for run in jobs.iter().filter_map(|job| running.get(&(*lease, *job))) {
                run.noted.store(true, Ordering::Release);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(i64, JobId), Run>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
