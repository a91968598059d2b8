//! The future behind every helper that stores a job.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Client, JobHandle};
use crate::error::Error;
use crate::job::Job;
use crate::request::JobRequest;

/// A job on its way into the storage: `.await` stores it, and the job is durable when that
/// returns.
///
/// # Errors
/// Awaiting gives [`Error::NoClient`] where there is no default client; an error that names the
/// value for a queue, tag, key, backoff or size that is not allowed; [`Error::Conflict`] if a
/// unique key is held and the request asked for an error; [`Error::UnknownParent`];
/// [`Error::Storage`] if the storage does not answer, in which case the job may or may not have
/// been stored.
#[derive(Debug, Clone)]
#[must_use = "a job is stored by `.await`"]
pub struct Enqueue<J> {
    request: JobRequest<J>,
    client: Option<Client>,
}

impl<J: Job> Enqueue<J> {
    /// Stores this request, by the default client.
    pub fn new(request: JobRequest<J>) -> Self {
        Self { request, client: None }
    }

    /// Stores it by this client instead.
    pub fn with(mut self, client: Client) -> Self {
        self.client = Some(client);
        self
    }

    /// The same, due after this delay.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.request = self.request.delay(delay);
        self
    }

    /// The same, due at this instant.
    pub fn at(mut self, instant: impl Into<DateTime<Utc>>) -> Self {
        self.request = self.request.at(instant);
        self
    }
}

impl<J: Job> IntoFuture for Enqueue<J> {
    type Output = Result<JobHandle<J::Output>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        // Taken at the call and not at the first poll: a spawned task has no scope of its own.
        let client = self.client.map_or_else(Client::current, Ok);
        let job = client.and_then(|client| {
            let job = self.request.into_new_job(client.limits())?;
            Ok((client, job))
        });
        Box::pin(async move {
            let (client, job) = job?;
            let stored = client.store(job).await?;
            Ok(JobHandle::new(stored, client))
        })
    }
}
