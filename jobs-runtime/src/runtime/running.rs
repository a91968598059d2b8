//! The jobs that are running on this server.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::job::JobId;

/// One job that is running.
#[derive(Clone)]
pub(super) struct Run {
    pub(super) lease: i64,
    /// Trips when the job is to stop: its lease is lost, the server is going, or its time is up.
    /// The job itself gets a child of it.
    pub(super) token: CancellationToken,
    /// The storage knows that it runs.
    noted: Arc<AtomicBool>,
    /// On its way to a lease of its own: that it is taken out of this one means nothing.
    moving: Arc<AtomicBool>,
}

impl Run {
    pub(super) fn new(lease: i64) -> Self {
        Self {
            lease,
            token: CancellationToken::new(),
            noted: Arc::default(),
            moving: Arc::default(),
        }
    }
}

type Runs = HashMap<(i64, JobId), Run, foldhash::fast::RandomState>;

/// By lease and job: a job that was requeued while it ran can run again beside its former run.
#[derive(Default)]
pub(super) struct Running(Mutex<Runs>);

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
            if let Some(run) = running.get(lost).filter(|run| !run.moving.load(Ordering::Acquire)) {
                run.token.cancel();
            }
        }
    }

    /// Notes that a job is being moved to a lease of its own, or stays after all.
    pub(super) fn set_moving(&self, lease: i64, job: JobId, moving: bool) {
        if let Some(run) = self.lock().get(&(lease, job)) {
            run.moving.store(moving, Ordering::Release);
        }
    }

    /// Notes that a job has been moved to another lease, of which the storage knows that it runs.
    pub(super) fn moved(&self, job: JobId, from: i64, to: i64) {
        let mut running = self.lock();
        if let Some(run) = running.remove(&(from, job)) {
            run.moving.store(false, Ordering::Release);
            run.noted.store(true, Ordering::Release);
            running.insert((to, job), Run { lease: to, ..run });
        }
    }

    /// Tells all to stop, since none is this server's any longer, or the server is going.
    pub(super) fn cancel_all(&self) {
        self.lock().values().for_each(|run| run.token.cancel());
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

    fn lock(&self) -> MutexGuard<'_, Runs> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
