//! A job of a kind whose code this program does not have.

use std::borrow::Cow;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::de::IgnoredAny;

use super::limits::{check_kind, check_queue, check_tags};
use crate::client::{Client, JobHandle};
use crate::error::Error;
use crate::job::{JobId, Overrides};
use crate::request::{Limits, Parents};
use crate::storage::{Due, NewJob};

/// A job that is named by its kind and its arguments as JSON: for tools, which do not have the
/// code of the jobs that they store.
///
/// What the code of the kind would make of the arguments is left out: a queue that is made of
/// them, a unique key, tags, throttles, priority and deadline. Nor is anything encrypted or hidden
/// that the kind would encrypt or hide; see [`redact`](Self::redact). All that is asked of the
/// servers is the queue of the kind.
///
/// ```no_run
/// use jobs_runtime::{Client, NamedJob};
///
/// # async fn example(client: &Client) -> Result<(), jobs_runtime::Error> {
/// let mail = NamedJob::new("send_mail", r#"{"to": "ada@example.com"}"#).tag("by hand");
/// let mail = mail.enqueue_with(client).await?;
/// println!("{}", mail.id());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a job is stored by `.enqueue_with(&client).await`"]
pub struct NamedJob {
    kind: String,
    args: String,
    queue: Option<String>,
    priority: i16,
    due: Due,
    overrides: Overrides,
}

impl NamedJob {
    /// A job of this kind with these arguments, in JSON; a function without parameters takes `{}`.
    pub fn new(kind: impl Into<String>, args: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            args: args.into(),
            queue: None,
            priority: 0,
            due: Due::Now,
            overrides: Overrides::default(),
        }
    }

    /// Puts the job into this queue instead of its kind's. A kind that no server has announced
    /// needs one.
    pub fn queue(mut self, queue: impl Into<String>) -> Self {
        self.queue = Some(queue.into());
        self
    }

    /// The priority inside the queue: larger runs first; 0 unless set.
    pub fn priority(mut self, priority: i16) -> Self {
        self.priority = priority;
        self
    }

    /// Waits for this long.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.due = Due::In(delay);
        self
    }

    /// Waits until this instant; a past one is due at once.
    pub fn at(mut self, instant: impl Into<DateTime<Utc>>) -> Self {
        self.due = Due::At(instant.into());
        self
    }

    /// Adds a tag: up to 50 characters, up to 20 tags a job.
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.overrides.tags.push(tag.into());
        self
    }

    /// Hides this argument wherever the job is shown, as `#[redact]` does.
    pub fn redact(mut self, argument: impl Into<String>) -> Self {
        self.overrides.redact.push(Cow::Owned(argument.into()));
        self
    }

    /// Stores the job.
    ///
    /// # Errors
    /// [`Error::InvalidArgs`] if the arguments are not JSON; [`Error::UnknownKind`] if no server
    /// has announced the kind, and no queue is set; an error that names the value for a kind,
    /// queue, tag or size that is not allowed; [`Error::Storage`] if the storage does not answer.
    pub async fn enqueue_with(
        self,
        client: &Client,
    ) -> Result<JobHandle<serde_json::Value>, Error> {
        check_kind(&self.kind)?;
        let queue = match &self.queue {
            Some(queue) => queue.clone(),
            None => client.queue_of(&self.kind).await?,
        };
        let job = self.into_new_job(queue, client.limits())?;
        let stored = client.store(job).await?;
        Ok(JobHandle::new(stored, client.clone()))
    }

    fn into_new_job(mut self, queue: String, limits: &Limits) -> Result<NewJob, Error> {
        limits.stamp(&mut self.overrides);
        check_queue(&queue)?;
        check_tags(&self.overrides.tags)?;
        limits.check_args(&self.kind, &self.args)?;
        serde_json::from_str::<IgnoredAny>(&self.args).map_err(|error| Error::InvalidArgs {
            kind: self.kind.clone(),
            source: error.into(),
        })?;
        Ok(NewJob {
            id: JobId::new(),
            queue: queue.into(),
            priority: self.priority,
            args: self.args,
            options: self.overrides.to_json(&self.kind)?,
            tags: self.overrides.tags,
            kind: self.kind.into(),
            expires: None,
            due: self.due,
            unique: None,
            parents: Parents::default(),
            batch: None,
            keys: None,
        })
    }
}
