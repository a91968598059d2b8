//! How the parts of one process tell each other what they have committed.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Instant;

use tokio::sync::{Notify, oneshot, watch};

use super::seats::{Host, Seats};
use crate::job::JobId;
use crate::storage::{Effects, NewJob};

/// The signals of one storage: shared by its clients and runtimes in this process.
#[derive(Default)]
pub(crate) struct Signals {
    inboxes: Mutex<Vec<Arc<Inbox>>>,
    waiters: Mutex<Waiters>,
    /// The number of jobs waited for, so that nobody locks for nothing.
    waited_for: AtomicUsize,
}

#[derive(Default)]
struct Waiters {
    by_job: HashMap<JobId, Vec<oneshot::Sender<()>>>,
    /// A task asks the storage about all of them.
    polled: bool,
}

/// What one runtime is told.
#[derive(Default)]
pub(crate) struct Inbox {
    queues: Mutex<BTreeSet<String>>,
    /// A queue was named.
    pub(crate) line: Notify,
    /// Something was scheduled.
    pub(crate) schedule: Notify,
    /// When a throttle is to be looked at that jobs wait for.
    pub(crate) next_call: watch::Sender<Option<Instant>>,
    /// Everything is to be looked at anew.
    pub(crate) everything: Notify,
    /// The runtime itself, once it takes jobs.
    pub(crate) host: OnceLock<Weak<dyn Host>>,
}

impl Inbox {
    /// The queues named since the last call.
    pub(crate) fn take_queues(&self) -> BTreeSet<String> {
        std::mem::take(&mut *lock(&self.queues))
    }

    pub(crate) fn name_queues(&self, queues: impl IntoIterator<Item = String>) {
        lock(&self.queues).extend(queues);
        self.line.notify_one();
    }

    /// A throttle is to be looked at by then, if by any time.
    pub(crate) fn call_by(&self, instant: Option<Instant>) {
        let Some(instant) = instant else { return };
        self.next_call.send_if_modified(|next| {
            let is_sooner = next.is_none_or(|next| instant < next);
            if is_sooner {
                *next = Some(instant);
            }
            is_sooner
        });
    }
}

impl Signals {
    /// Registers a runtime; it is told until [`leave`](Self::leave).
    pub(crate) fn join(&self) -> Arc<Inbox> {
        let inbox = Arc::new(Inbox::default());
        lock(&self.inboxes).push(Arc::clone(&inbox));
        inbox
    }

    pub(crate) fn leave(&self, inbox: &Arc<Inbox>) {
        lock(&self.inboxes).retain(|other| !Arc::ptr_eq(other, inbox));
    }

    /// Idle workers for all of these jobs, if a runtime has them.
    pub(crate) fn seats(&self, jobs: &[NewJob]) -> Option<Box<dyn Seats>> {
        let inboxes = lock(&self.inboxes);
        inboxes.iter().find_map(|inbox| inbox.host.get()?.upgrade()?.reserve(jobs))
    }

    pub(crate) fn tell(&self, effects: &Effects) {
        if !effects.queues.is_empty() || effects.scheduled || effects.next_call.is_some() {
            for inbox in lock(&self.inboxes).iter() {
                if !effects.queues.is_empty() {
                    inbox.name_queues(effects.queues.iter().cloned());
                }
                if effects.scheduled {
                    inbox.schedule.notify_one();
                }
                inbox.call_by(effects.next_call);
            }
        }
        self.settled(&effects.settled);
    }

    pub(crate) fn wake_all(&self) {
        for inbox in lock(&self.inboxes).iter() {
            inbox.everything.notify_one();
        }
    }

    pub(crate) fn settled(&self, jobs: &[JobId]) {
        if jobs.is_empty() || self.waited_for.load(Ordering::Acquire) == 0 {
            return;
        }
        let mut waiters = lock(&self.waiters);
        for job in jobs {
            for waiter in waiters.by_job.remove(job).unwrap_or_default() {
                let _ = waiter.send(());
            }
        }
        self.waited_for.store(waiters.by_job.len(), Ordering::Release);
    }

    /// A signal for when this job settles.
    pub(crate) fn watch(&self, job: JobId) -> oneshot::Receiver<()> {
        let (waiter, signal) = oneshot::channel();
        let mut waiters = lock(&self.waiters);
        waiters.by_job.entry(job).or_default().push(waiter);
        self.waited_for.store(waiters.by_job.len(), Ordering::Release);
        signal
    }

    /// Whether the caller is the one who has to ask the storage for all.
    pub(crate) fn start_polling(&self) -> bool {
        !std::mem::replace(&mut lock(&self.waiters).polled, true)
    }

    /// The jobs that somebody still waits for; if there is none, the polling has ended.
    pub(crate) fn watched(&self) -> Vec<JobId> {
        let mut waiters = lock(&self.waiters);
        waiters.by_job.retain(|_, waiting| {
            waiting.retain(|waiter| !waiter.is_closed());
            !waiting.is_empty()
        });
        self.waited_for.store(waiters.by_job.len(), Ordering::Release);
        waiters.polled = !waiters.by_job.is_empty();
        waiters.by_job.keys().copied().collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
