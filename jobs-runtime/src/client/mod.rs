//! The half that turns typed requests into rows.

mod again;
mod batches;
mod current;
mod enqueue;
mod gather;
mod handle;
mod history;
mod monitor;
mod search;
mod seats;
mod signals;
mod tools;
mod wait;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

pub(crate) use current::scope;
pub use enqueue::Enqueue;
use gather::Gather;
pub use handle::JobHandle;
pub use history::History;
pub use search::ActingOnAll;
pub(crate) use seats::{Host, Seats};
pub(crate) use signals::{Inbox, Signals};

use crate::error::Error;
use crate::job::{Job, JobId};
use crate::request::{JobRequest, Limits, check_limit, check_queue};
use crate::storage::{
    Act, Acted, Counts, Due, Effects, JobRecord, NewJob, Placement, Retention, ServerRecord,
    Storage, Stored, ThrottleRecord,
};

/// Stores jobs, and looks at and steers stored ones. Cheap to clone.
///
/// A process that only enqueues needs nothing else, and runs no task beyond its connections:
///
/// ```no_run
/// use jobs_runtime::prelude::*;
///
/// #[job]
/// async fn send_mail(to: String) {
///     drop(to);
/// }
///
/// # async fn example() -> anyhow::Result<()> {
/// let storage = Storage::connect("sqlite://app.db").await?;
/// Client::new(storage).install();
/// send_mail::enqueue("ada@example.com").await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    storage: Storage,
    limits: Limits,
    retention: Retention,
    gather: Arc<Gather>,
    #[cfg(feature = "metrics")]
    seen_queues: crate::telemetry::Seen,
}

impl Client {
    /// A client of this storage, with the default limits and retention.
    #[must_use]
    pub fn new(storage: Storage) -> Self {
        Self::with(storage, Limits::default(), Retention::default())
    }

    /// A client of this storage.
    #[must_use]
    pub fn with(storage: Storage, limits: Limits, retention: Retention) -> Self {
        let limits = limits.with_keys(storage.keys().cloned());
        let gather = Arc::new(Gather::new(storage.clone(), retention.clone()));
        Self(Arc::new(Inner {
            storage,
            limits,
            retention,
            gather,
            #[cfg(feature = "metrics")]
            seen_queues: crate::telemetry::Seen::default(),
        }))
    }

    /// Has each job that this client stores carry what `stamp` adds, beside what its request
    /// gives it by [`meta`](JobRequest::meta), which goes before: the context of a trace, say, or
    /// the name of the user. It is called where the job is enqueued, in the task that does so.
    /// Takes the place of a former one; other clients of the storage do not have it.
    ///
    /// A job reads it by [`JobContext::meta`](crate::JobContext::meta). Jobs of a schedule carry
    /// nothing of it.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), jobs_runtime::Error> {
    /// use jobs_runtime::{Client, Storage};
    ///
    /// tokio::task_local! { static USER: String; }
    ///
    /// let client = Client::new(Storage::connect("sqlite://app.db").await?).stamp(|meta| {
    ///     if let Ok(user) = USER.try_with(String::clone) {
    ///         meta.insert("user".to_owned(), user.into());
    ///     }
    /// });
    /// client.install();
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn stamp(
        &self,
        stamp: impl Fn(&mut serde_json::Map<String, serde_json::Value>) + Send + Sync + 'static,
    ) -> Self {
        let limits = self.limits().clone().with_stamp(stamp);
        Self::with(self.storage().clone(), limits, self.retention().clone())
    }

    /// The storage behind the client.
    #[must_use]
    pub fn storage(&self) -> &Storage {
        &self.0.storage
    }

    #[cfg(feature = "metrics")]
    pub(crate) fn seen_queues(&self) -> &crate::telemetry::Seen {
        &self.0.seen_queues
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(crate) fn retention(&self) -> &Retention {
        &self.0.retention
    }

    pub(crate) fn signals(&self) -> &Arc<Signals> {
        self.0.storage.signals()
    }

    /// Stores one job, together with those that other tasks store at this moment.
    pub(crate) async fn store(&self, job: NewJob) -> Result<Stored, Error> {
        self.0.gather.submit(job).await
    }

    /// Stores any number of jobs in one transaction: all, or on an error none.
    ///
    /// # Errors
    /// As [`Enqueue`].
    pub async fn enqueue_all<J: Job>(
        &self,
        requests: impl IntoIterator<Item = JobRequest<J>>,
    ) -> Result<Vec<JobHandle<J::Output>>, Error> {
        let jobs: Result<Vec<NewJob>, Error> =
            requests.into_iter().map(|request| request.into_new_job(self.limits())).collect();
        let mut effects = Effects::default();
        let stored = self.storage().enqueue_all(&jobs?, self.retention(), &mut effects).await?;
        self.tell(effects);
        Ok(stored.into_iter().map(|stored| JobHandle::new(stored, self.clone())).collect())
    }

    /// A handle to a stored job whose output has the type `T`.
    #[must_use]
    pub fn handle<T>(&self, id: JobId) -> JobHandle<T> {
        JobHandle::new(Stored::New(id), self.clone())
    }

    /// The job with this id, as it is stored.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn job(&self, id: JobId) -> Result<Option<JobRecord>, Error> {
        Ok(self.storage().record(id).await?)
    }

    /// What has happened to a job so far.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn history(&self, id: JobId) -> Result<History, Error> {
        let storage = self.storage();
        Ok(History {
            runs: storage.runs(id).await?,
            events: storage.events(id).await?,
            log: storage.log_lines(id, 0, u32::MAX).await?,
        })
    }

    /// The newest jobs, up to `limit`.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn recent(&self, limit: u32) -> Result<Vec<JobRecord>, Error> {
        let mut records = Vec::new();
        for id in self.storage().recent(limit).await? {
            records.extend(self.storage().record(id).await?);
        }
        Ok(records)
    }

    /// How many jobs are in each state.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn counts(&self) -> Result<Counts, Error> {
        Ok(self.storage().counts().await?)
    }

    /// Deletes a job: one that waits never starts, one that runs is told to stop. With `seen`,
    /// only if it is still where the caller saw it.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn delete(&self, id: JobId, seen: Option<Placement>) -> Result<Acted, Error> {
        self.act(id, seen, Act::Delete { reason: Cow::Borrowed("by request") }).await
    }

    /// Puts a job at the end of its line, with all its attempts before it. With `seen`, only if
    /// it is still where the caller saw it.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn requeue(&self, id: JobId, seen: Option<Placement>) -> Result<Acted, Error> {
        self.act(id, seen, Act::Requeue).await
    }

    /// Schedules a job for this instant. With `seen`, only if it is still where the caller saw
    /// it.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn reschedule(
        &self,
        id: JobId,
        at: impl Into<DateTime<Utc>>,
        seen: Option<Placement>,
    ) -> Result<Acted, Error> {
        self.act(id, seen, Act::Reschedule { due: Due::At(at.into()) }).await
    }

    async fn act(&self, id: JobId, seen: Option<Placement>, act: Act) -> Result<Acted, Error> {
        let mut effects = Effects::default();
        let acted = self.storage().act(id, seen, &act, self.retention(), &mut effects).await?;
        self.tell(effects);
        Ok(acted)
    }

    /// Stops all servers from starting jobs of this queue, until it is resumed.
    ///
    /// # Errors
    /// [`Error::InvalidQueue`]; [`Error::Storage`] if the storage does not answer.
    pub async fn pause_queue(&self, queue: &str) -> Result<(), Error> {
        check_queue(queue)?;
        Ok(self.storage().set_queue_paused(queue, true).await?)
    }

    /// Lets servers start jobs of this queue again.
    ///
    /// # Errors
    /// [`Error::InvalidQueue`]; [`Error::Storage`] if the storage does not answer.
    pub async fn resume_queue(&self, queue: &str) -> Result<(), Error> {
        check_queue(queue)?;
        self.storage().set_queue_paused(queue, false).await?;
        self.signals().wake_all();
        Ok(())
    }

    /// Sets the limit of a throttle, until [`reset_limit`](Self::reset_limit), whatever the code
    /// says; 0 lets none through. Jobs that wait for room that this makes are called at once.
    ///
    /// # Errors
    /// [`Error::InvalidThrottle`] for a key or a limit that is not allowed; [`Error::Storage`] if
    /// the storage does not answer.
    pub async fn set_limit(&self, key: &str, limit: u32) -> Result<(), Error> {
        check_limit(key, limit)?;
        self.limit(key, Some(i64::from(limit))).await.map(drop)
    }

    /// Leaves the limit of a throttle to the code again; `false` if there is no such throttle.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn reset_limit(&self, key: &str) -> Result<bool, Error> {
        self.limit(key, None).await
    }

    async fn limit(&self, key: &str, limit: Option<i64>) -> Result<bool, Error> {
        let mut effects = Effects::default();
        let done = self.storage().set_limit(key, limit, &mut effects).await?;
        self.tell(effects);
        Ok(done)
    }

    /// The throttles that jobs have named lately, or whose limit was set, by key.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn throttles(&self) -> Result<Vec<ThrottleRecord>, Error> {
        Ok(self.storage().throttles().await?)
    }

    /// The servers that are up, and those that went or were declared dead lately.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn servers(&self) -> Result<Vec<ServerRecord>, Error> {
        let rows = self.storage().servers().await?;
        Ok(rows.into_iter().map(ServerRecord::from).collect())
    }

    /// Stops one server from starting jobs; `false` if there is no such server.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn pause_server(&self, server: i64) -> Result<bool, Error> {
        Ok(self.storage().set_server_paused(server, true).await?)
    }

    /// Lets a paused server start jobs again; `false` if there is no such server.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn resume_server(&self, server: i64) -> Result<bool, Error> {
        Ok(self.storage().set_server_paused(server, false).await?)
    }

    /// Asks a server to stop, which it hears by its next heartbeat: it takes no more jobs, and
    /// shuts down as at a signal, if its program runs until then; see
    /// [`Runtime::asked_to_stop`](crate::Runtime::asked_to_stop). `false` if there is no such
    /// server.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn stop_server(&self, server: i64) -> Result<bool, Error> {
        Ok(self.storage().stop_server(server).await?)
    }

    /// Makes the runtime of this process look at its queues at once: for jobs stored by
    /// `enqueue_in`, after the caller's commit.
    pub fn wake(&self) {
        self.signals().wake_all();
    }

    /// Tells whoever waits for it what a transaction did.
    pub(crate) fn tell(&self, effects: Effects) {
        self.storage().tell(effects);
    }

    /// Waits until a job settles, for at most this long.
    pub(crate) async fn until_settled(
        &self,
        id: JobId,
        timeout: Option<Duration>,
    ) -> Result<crate::storage::Settled, crate::error::WaitError> {
        wait::until_settled(self, id, timeout).await
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Client").field(&self.0.storage).finish()
    }
}
