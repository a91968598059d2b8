//! A job that is to be stored: the builder behind every helper.

mod limits;
mod named;
mod needs;
mod parents;

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::client::{Client, Enqueue, JobHandle};
use crate::error::Error;
use crate::job::{
    Backoff, BatchId, Job, JobId, NoInput, Overrides, StoredBackoff, Throttle, Unique,
};
use crate::protect::{Owner, seal_args};
use crate::storage::{Due, NewJob, Transaction};

pub use limits::Limits;
pub(crate) use limits::{check_batch, check_kind, check_limit, check_queue, check_tags, is_key};
pub use named::NamedJob;
pub use needs::Needs;
pub(crate) use parents::{HandOver, ParentEdge, Parents};
pub use parents::{HandsOver, Trigger};

/// A job and its settings, not stored yet.
///
/// ```no_run
/// use jobs_runtime::prelude::*;
/// use std::time::Duration;
///
/// #[job]
/// async fn send_mail(to: String) {
///     drop(to);
/// }
///
/// # async fn example() -> anyhow::Result<()> {
/// let mail = send_mail::job("ada@example.com")
///     .queue("mail")
///     .priority(5)
///     .delay(Duration::from_secs(60))
///     .tag("welcome")
///     .enqueue()
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a request is stored by `.enqueue().await`"]
pub struct JobRequest<J> {
    args: J,
    id: JobId,
    queue: Option<String>,
    priority: Option<i16>,
    due: Due,
    expires: Option<Duration>,
    unique: Option<Unique>,
    overrides: Overrides,
    unstorable_backoff: bool,
    parents: Parents,
}

impl<J: Job<Input = NoInput>> JobRequest<J> {
    /// A request to run `args` as soon as a worker is free.
    pub fn new(args: J) -> Self {
        Self::unchecked(args)
    }

    /// Waits until the parent has succeeded; with several parents, until all of them have.
    pub fn after(self, parents: impl HandsOver<NoInput>) -> Self {
        self.hanging_on(parents.parents())
    }

    /// Waits until all of the parents have succeeded.
    pub fn after_all(self, parents: impl HandsOver<NoInput>) -> Self {
        self.after(parents)
    }

    /// Waits until the parent has failed.
    pub fn after_failed(self, parents: impl HandsOver<NoInput>) -> Self {
        self.hanging_on(parents.parents().on(Trigger::Failed))
    }

    /// Waits until the parent has settled, however it ended.
    pub fn after_finished(self, parents: impl HandsOver<NoInput>) -> Self {
        self.hanging_on(parents.parents().on(Trigger::Finished))
    }

    /// Waits until the parent was deleted.
    pub fn after_deleted(self, parents: impl HandsOver<NoInput>) -> Self {
        self.hanging_on(parents.parents().on(Trigger::Deleted))
    }
}

impl<J: Job> JobRequest<J> {
    fn unchecked(args: J) -> Self {
        Self {
            args,
            id: JobId::new(),
            queue: None,
            priority: None,
            due: Due::Now,
            expires: None,
            unique: None,
            overrides: Overrides::default(),
            unstorable_backoff: false,
            parents: Parents::default(),
        }
    }

    pub(crate) fn hanging_on(mut self, parents: Parents) -> Self {
        self.parents.join(parents);
        self
    }

    /// Why a schedule could not keep what this request says, if so.
    pub(crate) fn unschedulable(&self) -> Option<&'static str> {
        if self.unique.is_some() {
            return Some("its jobs cannot hold a unique key; `overlap` says how many there may be");
        }
        if !matches!(self.due, Due::Now) {
            return Some("its jobs cannot have a delay or a time; the expression says when");
        }
        (!self.parents.edges.is_empty())
            .then_some("its jobs cannot wait for parents; the expression says when they start")
    }

    /// The id that the job will have.
    pub fn id(&self) -> JobId {
        self.id
    }

    /// Puts the job into this queue instead of its kind's: 1 to 50 characters of `a-z`, `0-9`,
    /// `_` and `-`. It waits there until a server takes jobs from that queue: see
    /// [`RuntimeBuilder::queues`](crate::RuntimeBuilder::queues).
    pub fn queue(mut self, queue: impl Into<String>) -> Self {
        self.queue = Some(queue.into());
        self
    }

    /// The priority inside the queue, instead of its kind's: larger runs first, and any `i16` is
    /// one. It says nothing across queues.
    pub fn priority(mut self, priority: i16) -> Self {
        self.priority = Some(priority);
        self
    }

    /// Waits for this long, from now or, if the job waits for parents, from their end.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.due = Due::In(delay);
        self
    }

    /// Waits until this instant; a past one is due at once.
    pub fn at(mut self, instant: impl Into<DateTime<Utc>>) -> Self {
        self.due = Due::At(instant.into());
        self
    }

    /// How often the job is tried again after a failure, instead of its kind's number; 0 for never.
    pub fn retries(mut self, retries: u32) -> Self {
        self.overrides.retries = Some(retries);
        self
    }

    /// The delay before each retry. A [`Backoff::Function`] cannot be stored with one job, and
    /// fails the enqueue.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.overrides.backoff = StoredBackoff::of(backoff);
        self.unstorable_backoff = self.overrides.backoff.is_none();
        self
    }

    /// How long one attempt may run; then its [token](crate::JobContext::cancellation) trips, its
    /// function is dropped where it waits, and the attempt has failed.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.overrides.timeout = Some(timeout);
        self
    }

    /// How long after its enqueue the job may start; later it is Deleted instead.
    pub fn expires(mut self, expires: Duration) -> Self {
        self.expires = Some(expires);
        self
    }

    /// How long the job is kept after its end, instead of what its kind or the
    /// [`Retention`](crate::Retention) of the client says.
    pub fn keep(mut self, keep: Duration) -> Self {
        self.overrides.keep = Some(keep);
        self
    }

    /// By what a second job like this one is recognised.
    pub fn unique(mut self, unique: Unique) -> Self {
        self.unique = Some(unique);
        self
    }

    /// Adds a limit that holds across all servers. One with the key of a throttle of its kind
    /// takes the place of that.
    pub fn throttle(mut self, throttle: Throttle) -> Self {
        self.overrides.throttles.push(throttle);
        self
    }

    /// Has the jobs of its queue take turns by this key: up to 200 bytes.
    pub fn fair_by(mut self, key: impl Into<String>) -> Self {
        self.overrides.fair_by = Some(key.into());
        self
    }

    /// Adds a tag: up to 50 characters, up to 20 tags a job.
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.overrides.tags.push(tag.into());
        self
    }

    /// Adds a value that is stored with the job, shown with it, and read by it with
    /// [`JobContext::meta`](crate::JobContext::meta). One with a key that it has already takes the
    /// place of that.
    pub fn meta(mut self, key: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
        self.overrides.meta.insert(key.into(), value.into());
        self
    }

    /// Stores the job by the process's default client.
    pub fn enqueue(self) -> Enqueue<J> {
        Enqueue::new(self)
    }

    /// Stores the job by this client.
    pub fn enqueue_with(self, client: &Client) -> Enqueue<J> {
        Enqueue::new(self).with(client.clone())
    }

    /// Stores the job inside the caller's own transaction, on the database of the default
    /// client: it is there when that commits, and was never there when it rolls back.
    ///
    /// Workers see it within a second of the commit, or at once after
    /// [`Client::wake`](crate::Client::wake).
    ///
    /// # Errors
    /// As [`enqueue`](Self::enqueue); and [`Error::ForeignTransaction`] if the transaction is of
    /// another database than the client's.
    pub async fn enqueue_in<'t>(
        self,
        transaction: impl Into<Transaction<'t>>,
    ) -> Result<JobHandle<J::Output>, Error> {
        let client = Client::current()?;
        self.enqueue_in_with(&client, transaction).await
    }

    /// As [`enqueue_in`](Self::enqueue_in), on the database of this client.
    ///
    /// # Errors
    /// As [`enqueue_in`](Self::enqueue_in).
    pub async fn enqueue_in_with<'t>(
        self,
        client: &Client,
        transaction: impl Into<Transaction<'t>>,
    ) -> Result<JobHandle<J::Output>, Error> {
        let job = self.into_new_job(client.limits())?;
        let storage = client.storage();
        let stored = storage.enqueue_in(transaction.into(), job, client.retention()).await?;
        Ok(JobHandle::new(stored, client.clone()))
    }

    /// Checks the request and takes it apart.
    pub(crate) fn into_new_job(self, limits: &Limits) -> Result<NewJob, Error> {
        self.into_member(limits, None)
    }

    /// The same, as a member of a batch.
    pub(crate) fn into_member(
        self,
        limits: &Limits,
        batch: Option<BatchId>,
    ) -> Result<NewJob, Error> {
        let policy = J::policy();
        if self.unstorable_backoff {
            return Err(Error::UnstorableBackoff { kind: J::NAME });
        }
        let queue = match self.queue {
            Some(queue) => queue.into(),
            None => self.args.queue(),
        };
        check_kind(J::NAME)?;
        check_queue(&queue)?;
        let mut overrides = self.overrides;
        overrides.batch = batch;
        overrides.tags.extend(self.args.tags());
        limits::check_tags(&overrides.tags)?;
        overrides.add_kind(&self.args)?;
        limits.stamp(&mut overrides);
        let args = limits.encode_args(J::NAME, &self.args)?;
        let args = seal_args(args, J::ENCRYPTED, Owner::Job(self.id), J::NAME, limits.keys())?;
        overrides.encrypt = J::ENCRYPTED.iter().map(|name| (*name).into()).collect();
        let unique = self.unique.or_else(|| self.args.unique());
        if let Some(unique) = &unique {
            limits::check_unique_key(&unique.key)?;
        }
        Ok(NewJob {
            id: self.id,
            kind: J::NAME.into(),
            queue,
            priority: self.priority.unwrap_or(policy.priority),
            args,
            options: overrides.to_json(J::NAME)?,
            tags: overrides.tags,
            expires: self.expires.or(policy.expires),
            due: self.due,
            unique,
            parents: self.parents,
            batch,
            keys: limits.keys().filter(|_| !J::ENCRYPTED.is_empty()).cloned(),
        })
    }
}
