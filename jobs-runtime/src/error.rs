//! What can go wrong outside a job's own function.

use std::fmt;
use std::sync::Arc;

use crate::batch::BatchState;
use crate::job::{BatchId, JobFailure, JobId};

/// An operation of the library did not succeed. Nothing is lost by any of them: what was not
/// stored was not accepted.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No client was installed, and no runtime was started, in this process.
    #[error("no default client: start a `Runtime`, or call `Client::install`, before `enqueue`")]
    NoClient,
    /// A queue has a name that is not allowed.
    #[error(
        "`{queue}` is not a queue name: 1 to 50 characters of a-z, 0-9, `_` and `-` are allowed"
    )]
    InvalidQueue {
        /// The name.
        queue: String,
    },
    /// A kind has a name that is not allowed.
    #[error("`{kind}` is not a name for a kind of job: 1 to 200 characters are allowed")]
    InvalidKind {
        /// The name.
        kind: String,
    },
    /// The arguments do not encode as JSON.
    #[error("the arguments of `{kind}` do not encode as JSON: {source}")]
    EncodeArgs {
        /// The kind of the job.
        kind: String,
        /// What the encoder says.
        source: ArcError<serde_json::Error>,
    },
    /// The arguments of a job that is named by its kind are not JSON.
    #[error("the arguments of `{kind}` are not JSON: {source}")]
    InvalidArgs {
        /// The kind of the job.
        kind: String,
        /// What the decoder says.
        source: ArcError<serde_json::Error>,
    },
    /// No server has announced a kind, so nobody knows its queue.
    #[error(
        "no server has announced a kind `{kind}`{}; to store the job all the same, name its queue",
        known_kinds(.known)
    )]
    UnknownKind {
        /// The kind.
        kind: String,
        /// The kinds that servers have announced.
        known: Vec<String>,
    },
    /// The arguments are too large.
    #[error("the arguments of `{kind}` are {bytes} bytes of JSON; the limit is {limit} bytes")]
    ArgsTooLarge {
        /// The kind of the job.
        kind: String,
        /// Their size.
        bytes: usize,
        /// The largest size that is allowed.
        limit: usize,
    },
    /// A tag is not allowed.
    #[error("`{tag}` is not a tag: 1 to 50 characters are allowed")]
    InvalidTag {
        /// The tag.
        tag: String,
    },
    /// A job has too many tags.
    #[error("{count} tags are too many for one job; the limit is 20")]
    TooManyTags {
        /// How many it has.
        count: usize,
    },
    /// A unique key is not allowed.
    #[error("`{key}` is not a unique key: 1 to 200 bytes are allowed, none of them zero")]
    InvalidUniqueKey {
        /// The key.
        key: String,
    },
    /// A throttle is not one that can be kept.
    #[error("the throttle `{key}` {problem}")]
    InvalidThrottle {
        /// Its key.
        key: String,
        /// What is wrong with it, and what would be right.
        problem: &'static str,
    },
    /// A key by which jobs take turns is not allowed.
    #[error("`{key}` is not a key to take turns by: 1 to 200 bytes are allowed, none of them zero")]
    InvalidFairKey {
        /// The key.
        key: String,
    },
    /// A text is not where a page ended, or not where one of this search did.
    #[error(
        "`{cursor}` is not where a page of this search ended: give the `next` of its last page"
    )]
    InvalidCursor {
        /// The text.
        cursor: String,
    },
    /// A function was given as the backoff of one job.
    #[error(
        "the backoff of one `{kind}` job is stored with it, and a function cannot be stored; \
         use a list, `Fixed` or `Exponential`, or give the function to the kind"
    )]
    UnstorableBackoff {
        /// The kind of the job.
        kind: &'static str,
    },
    /// Another job holds the unique key, and the request asked for an error.
    #[error("job {holder} of kind `{kind}` holds the unique key `{key}`")]
    Conflict {
        /// The kind of both jobs.
        kind: String,
        /// The key.
        key: String,
        /// The job that holds it.
        holder: JobId,
    },
    /// A continuation names a parent that does not exist, or that comes after it in its graph.
    #[error(
        "{parent}, which {child} is to wait for, is neither stored nor stands before it in what \
         is being stored"
    )]
    UnknownParent {
        /// The parent.
        parent: JobId,
        /// The job, or the batch, that was to wait for it.
        child: JobId,
    },
    /// A job is to wait for the batch that it is in, which would wait for it.
    #[error("{child} is in batch {batch}, and so cannot wait for its end")]
    OwnBatch {
        /// The batch.
        batch: BatchId,
        /// The job, or the batch, inside it.
        child: JobId,
    },
    /// A batch has a name that is not allowed.
    #[error("`{name}` is not a name for a batch: 1 to 200 characters are allowed")]
    InvalidBatch {
        /// The name.
        name: String,
    },
    /// The description of a batch is too long.
    #[error("the description of batch `{batch}` has {characters} characters; the limit is 2,000")]
    LongDescription {
        /// The name of the batch.
        batch: String,
        /// The length of the description.
        characters: usize,
    },
    /// There is no such batch.
    #[error("batch {batch} does not exist (any longer)")]
    UnknownBatch {
        /// The batch.
        batch: BatchId,
    },
    /// A batch takes no more jobs.
    #[error("batch {batch} takes no more jobs: {}", closed(*.state, *.cancelled))]
    BatchClosed {
        /// The batch.
        batch: BatchId,
        /// Where it stands.
        state: BatchState,
        /// It was cancelled.
        cancelled: bool,
    },
    /// A transaction does not belong to the database of the client.
    #[error("the transaction belongs to {found}, but the client's jobs are in {expected}")]
    ForeignTransaction {
        /// Where the client's jobs are.
        expected: String,
        /// Where the transaction is.
        found: String,
    },
    /// [`complete_in`](crate::JobContext::complete_in) was called a second time, or after the run.
    #[error("the end of job {job} is written already: call `complete_in` once, last in its run")]
    AlreadyCompleted {
        /// The job.
        job: JobId,
    },
    /// A job is not its server's any longer: it was deleted or requeued, or given to another.
    #[error("job {job} was taken from this server while it ran; roll its transaction back")]
    LeaseLost {
        /// The job.
        job: JobId,
    },
    /// A job could not be set apart from the others of its batch.
    #[error(
        "another transaction has held the lease of job {job} for 10 s; if that is the one given \
         to `complete_in`, store what waits for this job after that call and not before"
    )]
    LeaseHeld {
        /// The job.
        job: JobId,
    },
    /// [`complete_in`](crate::JobContext::complete_in) was given what the job does not return.
    #[error("`{kind}` returns `{expected}`, and `complete_in` was given a `{found}`")]
    OutputType {
        /// The kind of the job.
        kind: &'static str,
        /// What its function returns.
        expected: &'static str,
        /// What was given.
        found: &'static str,
    },
    /// The output does not encode as JSON.
    #[error("the output of `{kind}` does not encode as JSON: {source}")]
    EncodeOutput {
        /// The kind of the job.
        kind: &'static str,
        /// What the encoder says.
        source: ArcError<serde_json::Error>,
    },
    /// The output is too large.
    #[error("the output of `{kind}` is {bytes} bytes of JSON; the limit is {limit} bytes")]
    OutputTooLarge {
        /// The kind of the job.
        kind: &'static str,
        /// Its size.
        bytes: usize,
        /// The largest size that is allowed.
        limit: usize,
    },
    /// A kind encrypts something, and the storage was opened without keys.
    #[error(
        "`{kind}` is to be encrypted, and the storage was given no keys: open it with \
         `StorageOptions::keys`, which needs the feature `encryption`"
    )]
    NoKeys {
        /// The kind of the job.
        kind: String,
    },
    /// An expression or a zone of a recurring schedule is wrong.
    #[error("recurring schedule `{id}`: {message}")]
    InvalidSchedule {
        /// The schedule.
        id: String,
        /// What is wrong, and what would be right.
        message: String,
    },
    /// What the program declares does not fit together.
    #[error("{}", list(.0))]
    Startup(Vec<String>),
    /// The runtime has ended, and some of its jobs could not be put back.
    #[error(
        "not all jobs could be put back while shutting down; they return to their queues when \
         the silence of this server is noticed"
    )]
    UnfinishedShutdown,
    /// A setting of the runtime or the storage is wrong.
    #[error("{0}")]
    Setting(String),
    /// The storage did not do what was asked of it.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

fn closed(state: BatchState, cancelled: bool) -> String {
    match (state.is_settled(), cancelled) {
        (false, true) => "it was cancelled".to_owned(),
        _ => format!("it is {state}"),
    }
}

/// So many names show what is meant, and one that was mistyped is likely to be among them.
const MOST_NAMES: usize = 20;

fn known_kinds(kinds: &[String]) -> String {
    let names: Vec<String> =
        kinds.iter().take(MOST_NAMES).map(|kind| format!("`{kind}`")).collect();
    match kinds.len() {
        0 => String::new(),
        count if count > MOST_NAMES => {
            format!(" (known: {} and {} more)", names.join(", "), count - MOST_NAMES)
        }
        _ => format!(" (known: {})", names.join(", ")),
    }
}

fn list(problems: &[String]) -> String {
    match problems {
        [problem] => problem.clone(),
        _ => format!("{} problems:\n- {}", problems.len(), problems.join("\n- ")),
    }
}

/// The database, or the way to it, did not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// The URL is not one that a storage is known for.
    #[error("`{url}` is not a database URL: {problem}")]
    Url {
        /// The URL, without its password.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The database cannot be reached.
    #[error("the database at {place} cannot be reached: {source}")]
    Unreachable {
        /// Where it should be, without a password.
        place: String,
        /// What the driver says.
        source: ArcError<sqlx::Error>,
    },
    /// The schema is newer than this program.
    #[error(
        "the schema in {place} has version {found}, and this program knows versions up to \
         {known}: use a newer release of the program"
    )]
    SchemaTooNew {
        /// Where the schema is.
        place: String,
        /// Its version.
        found: i64,
        /// The newest version that the program knows.
        known: i64,
    },
    /// A migration failed.
    #[error("migration {version} ({name}) failed in {place}: {source}")]
    Migration {
        /// Where the schema is.
        place: String,
        /// The migration.
        version: i64,
        /// Its name.
        name: String,
        /// What the driver says.
        source: ArcError<sqlx::Error>,
    },
    /// SQLite stayed locked by somebody else.
    #[error(
        "{place} was locked by another connection for {seconds} s; if this task itself holds a \
         write transaction on it, enqueue inside that with `enqueue_in`, or commit it first"
    )]
    Locked {
        /// The file.
        place: String,
        /// How long the library waited.
        seconds: u64,
    },
    /// A transaction of SQLite read before it wrote, and another one wrote in between.
    #[error(
        "the transaction read before it wrote, and another connection wrote in between; start \
         it with `BEGIN IMMEDIATE` (in sqlx: `begin_with(\"BEGIN IMMEDIATE\")`)"
    )]
    Stale,
    /// A value is larger than what MySQL takes at once.
    #[error(
        "a statement with values of {bytes} bytes is too large for the database, which takes \
         {limit}: raise its `max_allowed_packet`, or store less"
    )]
    TooLarge {
        /// The size of the values.
        bytes: usize,
        /// The most that the database takes.
        limit: usize,
    },
    /// The database answered with an error, or did not answer.
    #[error("{}", answered(.0.as_ref()))]
    Database(#[from] ArcError<sqlx::Error>),
    /// A stored value does not have the form that it should have.
    #[error("the stored {what} is damaged: {value}")]
    Damaged {
        /// What it is.
        what: &'static str,
        /// What was found, or how it begins.
        value: String,
    },
}

/// What came of a statement, in a sentence that does not blame the database for what is not its
/// fault.
fn answered(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::PoolTimedOut => "no connection to the database came free in time: see what \
                                      holds those that there are, or allow more by \
                                      `StorageOptions::max_connections`"
            .to_owned(),
        sqlx::Error::PoolClosed => "the storage was closed, by `Storage::close`".to_owned(),
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => {
            format!("the connection to the database was lost: {error}")
        }
        _ => format!("the database answered: {error}"),
    }
}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

impl StorageError {
    /// Whether the database refused what it was sent, so that sending it again is of no use.
    pub(crate) fn is_refusal(&self) -> bool {
        let Self::Database(error) = self else { return matches!(self, Self::TooLarge { .. }) };
        matches!(error.as_ref(), sqlx::Error::Database(error) if error.code().is_some_and(|code| {
            // The five characters of SQL: data exceptions, integrity violations, limits.
            code.len() == 5 && ["22", "23", "54"].iter().any(|class| code.starts_with(class))
        }))
    }

    /// Whether the database gave this transaction up for the sake of others, so that it may well
    /// succeed when it is run again.
    pub(crate) fn is_conflict(&self) -> bool {
        let Self::Database(error) = self else { return false };
        #[cfg(feature = "mysql")]
        if crate::storage::waited_in_vain(error.as_ref()) {
            return true;
        }
        // A serialisation failure, which MySQL's deadlock is one of, and PostgreSQL's deadlock.
        matches!(error.as_ref(), sqlx::Error::Database(error) if error
            .code()
            .is_some_and(|code| matches!(&*code, "40001" | "40P01")))
    }
}

/// [`StorageError::Damaged`], which shows how the value begins.
pub(crate) fn damaged(what: &'static str, value: impl ToString) -> StorageError {
    const LONGEST: usize = 100;
    let mut value = value.to_string();
    if let Some((end, _)) = value.char_indices().nth(LONGEST) {
        value.truncate(end);
        value.push('…');
    }
    StorageError::Damaged { what, value }
}

/// An error that several tasks can be told of.
pub struct ArcError<E>(Arc<E>);

impl<E> From<E> for ArcError<E> {
    fn from(error: E) -> Self {
        Self(Arc::new(error))
    }
}

impl<E> AsRef<E> for ArcError<E> {
    fn as_ref(&self) -> &E {
        &self.0
    }
}

impl<E> Clone for ArcError<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E: fmt::Display> fmt::Display for ArcError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<E: fmt::Debug> fmt::Debug for ArcError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<E: std::error::Error> std::error::Error for ArcError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// Why a job's result is not to be had.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum WaitError {
    /// The job failed, with no attempt left.
    #[error("the job failed: {0}")]
    Failed(Box<JobFailure>),
    /// The job was deleted.
    #[error("the job was deleted: {reason}")]
    Deleted {
        /// Why.
        reason: String,
        /// The failure that led to it, if one did.
        failure: Option<Box<JobFailure>>,
    },
    /// The job or batch is not stored any longer, or never was.
    #[error("{0} does not exist (any longer)")]
    Gone(JobId),
    /// The job succeeded, but its stored output does not decode.
    #[error("the output of job {job} does not decode: {source}")]
    Undecodable {
        /// The job.
        job: JobId,
        /// What the decoder says.
        source: ArcError<serde_json::Error>,
    },
    /// The job succeeded, but its output is encrypted and does not decrypt.
    #[error("the output of job {job} {problem}")]
    Encrypted {
        /// The job.
        job: JobId,
        /// Why, with the id of the key.
        problem: String,
    },
    /// The time given to [`wait_timeout`](crate::JobHandle::wait_timeout) has passed.
    #[error("the job did not settle within {0:?}")]
    TimedOut(std::time::Duration),
    /// The storage did not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

#[cfg(test)]
mod tests {
    use super::damaged;

    #[test]
    fn a_damaged_value_is_quoted_by_its_beginning() {
        let quoted = |value: &str| damaged("state", value).to_string();
        assert_eq!(quoted("snowed in"), "the stored state is damaged: snowed in");
        assert_eq!(quoted(&"é".repeat(100)).chars().filter(|c| *c == 'é').count(), 100);
        let cut = quoted(&"é".repeat(101));
        assert_eq!(cut, format!("the stored state is damaged: {}…", "é".repeat(100)));
    }
}
