//! Finding jobs, and acting on all that are found.

use std::borrow::Cow;

use super::Client;
use crate::error::Error;
use crate::job::{JobId, State};
use crate::storage::{Act, ActedAll, Effects, JobFilter, JobPage, Placement};

/// The most jobs that one transaction acts on.
const AT_ONCE: usize = 200;

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
        let act = Act::Delete { reason: Cow::Borrowed("by request") };
        self.act_all(filter.except(State::Deleted), &act).await
    }

    /// [Requeues](Self::requeue) all jobs that match, and are still where the search saw them.
    /// The limit of the filter is of no account. There is no transaction around all of it: on an
    /// error, some jobs may be requeued already.
    ///
    /// # Errors
    /// As [`search`](Self::search).
    pub async fn requeue_all(&self, filter: &JobFilter) -> Result<ActedAll, Error> {
        self.act_all(filter.except(State::Enqueued), &Act::Requeue).await
    }

    /// Jobs in the state to which the action brings them are not searched for: they would be found
    /// again.
    async fn act_all(&self, filter: Option<JobFilter>, act: &Act) -> Result<ActedAll, Error> {
        let mut all = ActedAll::default();
        let mut filter = filter.map(|filter| filter.limit(AT_ONCE));
        while let Some(asked) = filter {
            let page = self.search(&asked).await?;
            let seen: Vec<(JobId, Placement)> =
                page.jobs.iter().map(|job| (job.id, job.placement)).collect();
            if !seen.is_empty() {
                let mut effects = Effects::default();
                let (storage, retention) = (self.storage(), self.retention());
                all.add(storage.act_all(&seen, act, retention, &mut effects).await?);
                self.tell(effects);
            }
            filter = page.next.map(|next| asked.after(next));
        }
        Ok(all)
    }
}
