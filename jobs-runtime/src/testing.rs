//! For tests of code that uses jobs.
//!
//! What was enqueued is seen by [`stored`], and run by
//! [`Runtime::drain`](crate::Runtime::drain). A test that wants no other's jobs opens a storage of
//! its own, `sqlite::memory:`, and makes its client the default one by [`scope`]. A clock that the
//! test moves is [`StorageOptions::movable_clock`](crate::StorageOptions::movable_clock).

use std::future::Future;

use crate::client::Client;
use crate::error::{Error, StorageError};
use crate::job::{Job, JobId, Overrides};
use crate::protect::{Owner, open_args};
use crate::storage::{JobFilter, JobRecord};

/// Runs a future with this client as the default one, so that tests of one process do not share
/// theirs.
///
/// ```
/// use jobs_runtime::prelude::*;
/// use jobs_runtime::testing;
///
/// #[job]
/// async fn greet(name: String) {
///     drop(name);
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// let client = Client::new(Storage::connect("sqlite::memory:").await?);
/// testing::scope(&client, async { greet::enqueue("Ada").await }).await?;
/// assert_eq!(client.counts().await?.enqueued, 1);
/// # Ok(()) }
/// ```
pub async fn scope<F: Future>(client: &Client, future: F) -> F::Output {
    crate::client::scope(client.clone(), future).await
}

/// A stored job of the kind `J`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StoredJob<J> {
    /// Its arguments, as its function will take them: nothing in them is hidden or encrypted.
    pub args: J,
    /// The rest of it: id, state, queue, tags, when it is due.
    pub record: JobRecord,
}

/// All stored jobs of the kind `J`, in whatever state they are, in the order in which they were
/// stored: for a test of what some code has enqueued.
///
/// ```
/// use jobs_runtime::prelude::*;
/// use jobs_runtime::{JobState, testing};
///
/// #[job(queue = "mail")]
/// async fn remind(email: String, days: u32) {
///     println!("{email}: {days} days left");
/// }
///
/// async fn sign_up(email: &str) -> anyhow::Result<()> {
///     remind::schedule_in(Duration::from_secs(24 * 3600), email, 30).await?;
///     Ok(())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// let client = Client::new(Storage::connect("sqlite::memory:").await?);
/// testing::scope(&client, sign_up("ada@example.com")).await?;
///
/// let reminders = testing::stored::<Remind>(&client).await?;
/// assert_eq!(reminders.len(), 1);
/// assert_eq!(reminders[0].args.email, "ada@example.com");
/// assert_eq!(reminders[0].record.placement.state, JobState::Scheduled);
/// assert_eq!(reminders[0].record.queue, "mail");
/// # Ok(()) }
/// ```
///
/// # Errors
/// [`Error::Storage`] if the storage does not answer, or if the arguments of a job do not decode
/// into `J`.
pub async fn stored<J: Job>(client: &Client) -> Result<Vec<StoredJob<J>>, Error> {
    let filter =
        J::ALIASES.iter().fold(JobFilter::new().kind(J::NAME), |filter, name| filter.kind(*name));
    let mut jobs = Vec::new();
    let mut next = Some(filter.clone());
    while let Some(asked) = next {
        let page = client.search(&asked).await?;
        for record in page.jobs {
            jobs.extend(read(client, record).await?);
        }
        next = page.next.map(|next| filter.clone().after(next));
    }
    // Jobs of one transaction have one time; their ids were made one after the other.
    jobs.sort_by_key(|job: &StoredJob<J>| (job.record.created_at, job.record.id));
    Ok(jobs)
}

/// `None` if the job was removed meanwhile.
async fn read<J: Job>(client: &Client, shown: JobRecord) -> Result<Option<StoredJob<J>>, Error> {
    let storage = client.storage();
    let Some(raw) = storage.unredacted(shown.id).await? else { return Ok(None) };
    let options = Overrides::of(raw.options.as_deref());
    let owner = options.encrypted_for.map_or(Owner::Job(raw.id), Owner::Schedule);
    let args = open_args(raw.args, &options.encrypt, owner, &raw.kind, storage.keys());
    let args = args.map_err(|problem| damaged(raw.id, problem))?;
    let args = serde_json::from_str(&args).map_err(|error| damaged(raw.id, error.to_string()))?;
    Ok(Some(StoredJob { args, record: shown }))
}

fn damaged(job: JobId, problem: String) -> Error {
    StorageError::Damaged { what: "job", value: format!("{job}: {problem}") }.into()
}
