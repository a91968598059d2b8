//! What passes between the halves of the library and the database: parameters and rows.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::ops::is_gated;
use crate::error::Error;
use crate::job::{BatchId, JobFailure, JobId, Overrides, State, Unique};
use crate::protect::{Keys, Owner, open_args, seal_args};
use crate::request::{HandOver, Parents, Trigger};
use crate::storage::search::Key;

/// When a job may start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Due {
    #[default]
    Now,
    In(Duration),
    At(DateTime<Utc>),
}

/// A job to be stored.
#[derive(Debug, Clone)]
pub(crate) struct NewJob {
    pub(crate) id: JobId,
    pub(crate) kind: Cow<'static, str>,
    pub(crate) queue: Cow<'static, str>,
    pub(crate) priority: i16,
    /// JSON.
    pub(crate) args: String,
    /// JSON of what differs from the kind's policy.
    pub(crate) options: Option<String>,
    /// Also in the options; by these it is found.
    pub(crate) tags: Vec<String>,
    pub(crate) expires: Option<Duration>,
    pub(crate) due: Due,
    pub(crate) unique: Option<Unique>,
    pub(crate) parents: Parents,
    /// The batch that it is a member of, which its options name as well.
    pub(crate) batch: Option<BatchId>,
    /// What its encrypted arguments are encrypted with; `None` if it has none.
    pub(crate) keys: Option<Keys>,
}

impl NewJob {
    /// The same with its encrypted arguments encrypted for another owner.
    pub(crate) fn owned_by(&self, owner: Owner) -> Result<Self, Error> {
        let mut overrides = Overrides::of(self.options.as_deref());
        let (keys, own, kind) = (self.keys.as_ref(), Owner::Job(self.id), self.kind.as_ref());
        let args = open_args(self.args.clone(), &overrides.encrypt, own, kind, keys);
        let args = args.map_err(Error::Setting)?;
        let names: Vec<&str> = overrides.encrypt.iter().map(AsRef::as_ref).collect();
        let args = seal_args(args, &names, owner, kind, keys)?;
        if let (Owner::Schedule(name), false) = (owner, overrides.encrypt.is_empty()) {
            overrides.encrypted_for = Some(name);
        }
        Ok(Self { args, options: overrides.json(), ..self.clone() })
    }

    /// Whether it goes straight into the line, or to a worker, with nothing else to be written.
    pub(crate) fn is_plain(&self) -> bool {
        let gated = self.options.as_deref().is_some_and(is_gated);
        self.due == Due::Now && self.unique.is_none() && self.parents.edges.is_empty() && !gated
    }

    /// The same as a job that has been leased while it was stored.
    pub(crate) fn claimed(&self, queue: Arc<str>, lease: i64, seq: i64) -> Claimed {
        Claimed {
            id: self.id,
            kind: self.kind.to_string(),
            queue,
            priority: self.priority,
            args: self.args.clone(),
            options: self.options.clone(),
            input: None,
            run: 0,
            charged: 0,
            lease,
            seq,
            solo: false,
            expired: self.expires.is_some_and(|expires| expires.is_zero()),
        }
    }
}

/// What an enqueue stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stored {
    /// The job, under its own id.
    New(JobId),
    /// Nothing: this job holds the unique key.
    Held(JobId),
}

impl Stored {
    pub(crate) fn id(&self) -> JobId {
        match self {
            Self::New(id) | Self::Held(id) => *id,
        }
    }
}

/// A place in the line of a queue. `seq` orders the places of one queue and priority.
#[derive(Debug, Clone)]
pub(crate) struct LineRow {
    pub(crate) job: JobId,
    pub(crate) kind: String,
    pub(crate) queue: String,
    pub(crate) priority: i16,
    /// Of the record, as far as they are known.
    pub(crate) options: Option<String>,
    pub(crate) count: Count,
    /// Leased alone, since a process died that may have run it.
    pub(crate) solo: bool,
    /// The place it had before, if it is to have that again; otherwise the end of the line.
    pub(crate) seq: Option<i64>,
    /// When it was due, if it comes off the schedule.
    pub(crate) due: Option<DateTime<Utc>>,
}

/// How often a job has been run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    /// Runs that left an attempt row: the number of the next one.
    pub(crate) run: i32,
    /// Of them, those that count as attempts since the job was last requeued.
    pub(crate) charged: i32,
}

/// What a server asks of queues.
#[derive(Debug, Clone)]
pub(crate) struct ClaimParams<'p> {
    pub(crate) server: i64,
    /// In the order in which they are gone through: nothing is taken from one while the one before
    /// it has something.
    pub(crate) queues: &'p [&'p str],
    /// The kinds that the server knows.
    pub(crate) kinds: &'p [String],
    /// At most so many jobs.
    pub(crate) limit: u32,
}

/// For whom jobs are leased that are just being stored.
#[derive(Debug, Clone)]
pub(crate) struct LeaseParams<'p> {
    pub(crate) server: i64,
    pub(crate) queue: &'p str,
    /// The kinds that the server knows.
    pub(crate) kinds: &'p [String],
}

/// A job that a server has leased.
#[derive(Debug, Clone)]
pub(crate) struct Claimed {
    pub(crate) id: JobId,
    pub(crate) kind: String,
    pub(crate) queue: Arc<str>,
    pub(crate) priority: i16,
    pub(crate) args: String,
    pub(crate) options: Option<String>,
    pub(crate) input: Option<String>,
    pub(crate) run: i32,
    pub(crate) charged: u32,
    pub(crate) lease: i64,
    /// The place that it had in the line.
    pub(crate) seq: i64,
    pub(crate) solo: bool,
    /// Its deadline had passed when it was claimed.
    pub(crate) expired: bool,
}

/// The lease of jobs that were leased while they were stored.
#[derive(Debug)]
pub(crate) struct StoredLease {
    pub(crate) lease: i64,
    /// The places that they would have in the line, in the order of the jobs.
    pub(crate) seqs: Vec<i64>,
}

/// A batch of jobs that a server has.
#[derive(Debug, Clone)]
pub(crate) struct Lease {
    pub(crate) id: i64,
    pub(crate) server: i64,
    pub(crate) solo: bool,
    pub(crate) members: Vec<Member>,
    /// Members that were taken out of it by somebody else.
    pub(crate) revoked: Vec<JobId>,
    /// Members that the heartbeat found running.
    pub(crate) started: Vec<JobId>,
    /// When `started` was last written; for a solo lease, when its job was started.
    pub(crate) started_at: Option<DateTime<Utc>>,
}

/// One job of a lease, with what is needed to put it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) job: JobId,
    pub(crate) seq: i64,
    pub(crate) count: Count,
}

/// The end of one run, as the worker reports it.
#[derive(Debug, Clone)]
pub(crate) struct Completion {
    pub(crate) job: JobId,
    pub(crate) lease: i64,
    pub(crate) seq: i64,
    pub(crate) count: Count,
    pub(crate) outcome: Outcome,
    /// How long ago the run began.
    pub(crate) age: Duration,
    pub(crate) took: Duration,
    /// How long a finished job of this sort is kept, where that differs from the default.
    pub(crate) keep: Option<Duration>,
    /// The batch that it is a member of.
    pub(crate) batch: Option<BatchId>,
    /// It may have taken a slot of a throttle.
    pub(crate) holds_slot: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    Succeeded {
        output: Option<String>,
    },
    /// Failed, to be tried again.
    Retry {
        delay: Duration,
        failure: JobFailure,
    },
    Failed {
        failure: JobFailure,
    },
    /// Failed for the last time, and not worth keeping.
    Dropped {
        failure: JobFailure,
    },
    Snoozed {
        delay: Duration,
    },
    /// Not run, since its deadline had passed.
    Expired,
    /// Not run to its end, since the server is going; goes back into the line.
    Released {
        started: bool,
    },
}

/// How an attempt ended, as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i16)]
pub(crate) enum AttemptEnd {
    Succeeded = 0,
    Failed = 1,
    Snoozed = 2,
}

impl AttemptEnd {
    pub(crate) fn from_code(code: i16) -> Option<Self> {
        [Self::Succeeded, Self::Failed, Self::Snoozed].into_iter().find(|end| *end as i16 == code)
    }
}

/// A finished run, to be appended to a job's history.
#[derive(Debug, Clone)]
pub(crate) struct AttemptRow<'r> {
    pub(crate) job: JobId,
    pub(crate) run: i32,
    pub(crate) end: AttemptEnd,
    pub(crate) server: Option<i64>,
    pub(crate) age: Duration,
    pub(crate) took: Duration,
    pub(crate) output: Option<&'r str>,
    /// JSON of a [`JobFailure`].
    pub(crate) failure: Option<String>,
    /// Not deleted with the others of its time: the job has a time of its own.
    pub(crate) keeps: bool,
}

/// A job that waits for its time.
#[derive(Debug, Clone)]
pub(crate) struct ScheduleRow {
    pub(crate) job: JobId,
    pub(crate) due: Due,
    pub(crate) count: Count,
    pub(crate) reason: ScheduleReason,
}

/// Why a job is scheduled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i16)]
pub(crate) enum ScheduleReason {
    Delayed = 0,
    Retry = 1,
    Snoozed = 2,
}

/// A job that waits for its parents, or a batch that does.
#[derive(Debug, Clone)]
pub(crate) struct AwaitingRow {
    pub(crate) job: JobId,
    /// Edges that have not released yet, and a batch around it that has not begun.
    pub(crate) pending: i32,
    pub(crate) hand_over: HandOver,
    /// When it may start after its release.
    pub(crate) due: Due,
}

/// One edge from a parent to a job that waits for it.
#[derive(Debug, Clone)]
pub(crate) struct EdgeRow {
    pub(crate) child: JobId,
    pub(crate) position: i32,
    pub(crate) parent: JobId,
    pub(crate) trigger: Trigger,
    pub(crate) as_result: bool,
    pub(crate) released: bool,
    /// What the parent handed over, as JSON.
    pub(crate) output: Option<String>,
}

/// A job in one of the two states of which a reason is kept.
#[derive(Debug, Clone)]
pub(crate) struct DeletedRow {
    pub(crate) job: JobId,
    pub(crate) reason: String,
    /// The parent whose end deleted it, and whose requeue restores it.
    pub(crate) cause: Option<JobId>,
    /// JSON of a [`JobFailure`], if a failure led to it.
    pub(crate) failure: Option<String>,
    pub(crate) count: Count,
}

#[derive(Debug, Clone)]
pub(crate) struct FailedRow {
    pub(crate) job: JobId,
    pub(crate) reason: FailedReason,
    /// JSON of a [`JobFailure`].
    pub(crate) failure: String,
    pub(crate) count: Count,
}

/// Why a job is Failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i16)]
pub(crate) enum FailedReason {
    /// Its attempts are used up, or its error was fatal.
    Exhausted = 0,
    UnknownKind = 1,
    Undecodable = 2,
}

/// The row that places a job: its state, and the key of that row, which is the version of the
/// state. An action that names another version than the present one changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Placement {
    /// The state that the row means.
    pub state: State,
    /// Differs whenever the job has been placed anew; a job that a server gave back unstarted
    /// has its former place, and version.
    pub version: i64,
}

/// What a place is locked for, until the transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// Nobody may move the job. Others may hold it so as well.
    Stay,
    /// This transaction moves the job. A lock that is made stronger later would let two such
    /// transactions on jobs of one lease wait for each other.
    Move,
}

/// A job and its place.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    pub(crate) job: JobId,
    pub(crate) placement: Placement,
    pub(crate) count: Count,
}

/// What a record says about where its job belongs, and how it differs from its kind.
#[derive(Debug, Clone)]
pub(crate) struct JobRow {
    pub(crate) id: JobId,
    pub(crate) kind: String,
    pub(crate) queue: String,
    pub(crate) priority: i16,
    pub(crate) options: Option<String>,
}

/// A tag of a job.
#[derive(Debug, Clone)]
pub(crate) struct TagRow<'r> {
    pub(crate) job: JobId,
    pub(crate) tag: Cow<'r, str>,
}

/// A list of jobs that an index keeps in order; what a [`Key`] is made of there.
#[derive(Debug, Clone, Copy)]
pub(crate) enum List<'l> {
    /// The line of a queue, in the order of claims: rank and place.
    Line(&'l str),
    /// Due first: time and place.
    Schedule,
    /// Those of them that wait for another attempt.
    Retries,
    /// Newest first: place.
    Awaiting,
    /// Newest first: time and place.
    Failed,
    /// Newest first: time and place.
    Deleted,
    /// Of the jobs that have succeeded, those that are kept for a time of their own, newest first:
    /// time and place.
    Kept,
    /// What was tagged last comes first: place.
    Tagged(&'l str),
}

/// A job of a list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listed {
    pub(crate) job: JobId,
    pub(crate) key: Key,
}

/// Jobs that have succeeded, and are kept for the default time or as long as their batch.
#[derive(Debug, Clone)]
pub(crate) struct FinishedRow {
    /// In microseconds since 1970.
    pub(crate) at: i64,
    pub(crate) id: i64,
    /// In the order of their ends.
    pub(crate) jobs: Vec<JobId>,
}

/// An event that the other rows cannot tell.
#[derive(Debug, Clone)]
pub(crate) struct EventRow {
    pub(crate) job: JobId,
    pub(crate) event: Event,
    pub(crate) from: State,
    pub(crate) to: State,
    pub(crate) reason: Cow<'static, str>,
    pub(crate) server: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i16)]
pub(crate) enum Event {
    Requeued = 0,
    Deleted = 1,
    Rescued = 2,
    Released = 3,
    Parked = 4,
    Restored = 5,
    Rescheduled = 6,
}

/// What running jobs say about themselves.
#[derive(Debug)]
pub(crate) struct Report {
    /// In their order.
    pub(crate) lines: Vec<LogRow>,
    /// How far jobs have come, and of how many; each job once, in ascending order.
    pub(crate) progress: Vec<(JobId, i64, i64)>,
    /// How many lines there are of a job, where that is known.
    pub(crate) kept: HashMap<JobId, i64>,
    /// An earlier try failed without saying whether it was committed.
    pub(crate) again: bool,
}

/// A line of log.
#[derive(Debug, Clone)]
pub(crate) struct LogRow {
    pub(crate) job: JobId,
    pub(crate) run: i32,
    /// How long ago it was logged.
    pub(crate) age: Duration,
    pub(crate) text: String,
}

/// A job that has settled, with what its waiters want to know.
#[derive(Debug, Clone)]
pub(crate) enum Settled {
    Succeeded { output: Option<String> },
    Failed { failure: JobFailure },
    Deleted { reason: String, failure: Option<JobFailure> },
}
