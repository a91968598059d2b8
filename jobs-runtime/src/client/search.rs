//! Finding jobs, and acting on all that are found.

use std::borrow::Cow;

use super::Client;
use crate::error::Error;
use crate::job::{JobId, State};
use crate::storage::{Act, ActedAll, Effects, JobFilter, JobPage, Placement};

/// The most jobs that one transaction acts on.
const AT_ONCE: usize = 500;

impl Client {
    /// The jobs that match, a page of them.
    ///
    /// # Errors
    /// [`Error::InvalidCursor`]; [`Error::Storage`] if the storage does not answer.
    pub async fn search(&self, filter: &JobFilter) -> Result<JobPage, Error> {
        filter.check()?;
        Ok(self.storage().search(filter).await?)
    }

    /// [Deletes](Self::delete) all jobs that match, and are still where the search saw them. The
    /// limit of the filter is of no account. There is no transaction around all of it: on an error,
    /// some jobs may be deleted already.
    ///
    /// ```no_run
    /// # use jobs_runtime::{Client, JobFilter, JobState};
    /// # async fn example(client: &Client) -> Result<(), jobs_runtime::Error> {
    /// let filter = JobFilter::new().state(JobState::Scheduled).tag("tenant-7");
    /// let deleted = client.delete_all(&filter).await?;
    /// println!("{} deleted, {} had moved on", deleted.done, deleted.moved_on);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`search`](Self::search).
    pub async fn delete_all(&self, filter: &JobFilter) -> Result<ActedAll, Error> {
        self.deleting(filter).finish().await
    }

    /// [Requeues](Self::requeue) all jobs that match, and are still where the search saw them.
    /// The limit of the filter is of no account. There is no transaction around all of it: on an
    /// error, some jobs may be requeued already.
    ///
    /// # Errors
    /// As [`search`](Self::search).
    pub async fn requeue_all(&self, filter: &JobFilter) -> Result<ActedAll, Error> {
        self.requeueing(filter).finish().await
    }

    /// [`delete_all`](Self::delete_all), some jobs at a time.
    #[must_use]
    pub fn deleting(&self, filter: &JobFilter) -> ActingOnAll {
        let act = Act::Delete { reason: Cow::Borrowed("by request") };
        ActingOnAll::new(self, filter.except(State::Deleted), act)
    }

    /// [`requeue_all`](Self::requeue_all), some jobs at a time.
    #[must_use]
    pub fn requeueing(&self, filter: &JobFilter) -> ActingOnAll {
        ActingOnAll::new(self, filter.except(State::Enqueued), Act::Requeue)
    }
}

/// An action on all jobs that match a filter, which goes on for as long as it is asked to.
///
/// ```no_run
/// # use jobs_runtime::{Client, JobFilter, JobState};
/// # async fn example(client: &Client) -> Result<(), jobs_runtime::Error> {
/// let mut requeueing = client.requeueing(&JobFilter::new().state(JobState::Failed));
/// while let Some(so_far) = requeueing.next().await? {
///     println!("{} requeued so far", so_far.done);
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct ActingOnAll {
    client: Client,
    act: Act,
    /// What is left; `None` at the end.
    rest: Option<JobFilter>,
    so_far: ActedAll,
}

impl ActingOnAll {
    /// Jobs in the state to which the action brings them are not searched for: they would be found
    /// again.
    fn new(client: &Client, filter: Option<JobFilter>, act: Act) -> Self {
        let rest = filter.map(|filter| filter.limit(AT_ONCE));
        Self { client: client.clone(), act, rest, so_far: ActedAll::default() }
    }

    /// Acts on the next jobs, in one transaction; gives what was done so far, and `None` after the
    /// last. After an error it can be asked again.
    ///
    /// # Errors
    /// As [`Client::search`].
    pub async fn next(&mut self) -> Result<Option<ActedAll>, Error> {
        let Some(asked) = &self.rest else { return Ok(None) };
        let page = self.client.search(asked).await?;
        let seen: Vec<(JobId, Placement)> =
            page.jobs.iter().map(|job| (job.id, job.placement)).collect();
        if !seen.is_empty() {
            let mut effects = Effects::default();
            let (storage, retention) = (self.client.storage(), self.client.retention());
            let acted = storage.act_all(&seen, &self.act, retention, &mut effects).await?;
            self.so_far.add(acted);
            self.client.tell(effects);
        }
        self.rest = page.next.map(|next| asked.clone().after(next));
        Ok(Some(self.so_far))
    }

    async fn finish(mut self) -> Result<ActedAll, Error> {
        while self.next().await?.is_some() {}
        Ok(self.so_far)
    }
}
