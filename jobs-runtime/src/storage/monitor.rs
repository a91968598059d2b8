//! What a person sees of the stored jobs.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::model::{AttemptEnd, EdgeRow, Placement};
use super::servers::{KindRow, ServerRow};
use crate::batch::BatchRecord;
use crate::job::{JobFailure, JobId, OnExhausted, State};
use crate::protect;
use crate::request::Trigger;

/// How many jobs are in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)] // the states say it
pub struct Counts {
    pub enqueued: u64,
    pub scheduled: u64,
    pub awaiting: u64,
    pub processing: u64,
    pub succeeded: u64,
    pub failed: u64,
    pub deleted: u64,
    /// Those of the scheduled ones that wait for another attempt.
    pub retries: u64,
}

impl Counts {
    /// How many are in this state.
    #[must_use]
    pub fn of(&self, state: State) -> u64 {
        match state {
            State::Enqueued => self.enqueued,
            State::Scheduled => self.scheduled,
            State::Awaiting => self.awaiting,
            State::Processing => self.processing,
            State::Succeeded => self.succeeded,
            State::Failed => self.failed,
            State::Deleted => self.deleted,
        }
    }
}

/// A job as it is stored, with its place.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct JobRecord {
    /// The id of the job.
    pub id: JobId,
    /// The name of its kind.
    pub kind: String,
    /// Its queue.
    pub queue: String,
    /// Its priority inside the queue.
    pub priority: i16,
    /// Its arguments, as JSON; those that are redacted are `"•••"`.
    pub args: String,
    /// What its request set differently from the kind, as JSON.
    pub options: Option<String>,
    /// What its parents handed over, as JSON.
    pub input: Option<String>,
    /// When it was stored.
    pub created_at: DateTime<Utc>,
    /// Its state and the version of that.
    pub placement: Placement,
    /// When it is due, while it is Scheduled.
    pub due_at: Option<DateTime<Utc>>,
    /// Why it was deleted, while it is Deleted.
    pub reason: Option<String>,
    /// When it settled, while it is Succeeded, Failed or Deleted.
    pub finished_at: Option<DateTime<Utc>>,
    /// Why it failed, while it is Failed, or Deleted because of a failure.
    pub failure: Option<JobFailure>,
    /// Its tags, in the order in which it got them.
    pub tags: Vec<String>,
    /// How far it says it has come: done, and of how many.
    pub progress: Option<(i64, i64)>,
}

impl JobRecord {
    /// The record as it may be shown.
    pub(crate) fn shown(mut self) -> Self {
        self.input = self.input.map(protect::shown_output);
        self.args = protect::shown(std::mem::take(&mut self.args), self.options.as_deref());
        self
    }
}

/// One finished run of a job.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RunRecord {
    /// The number of the run, counted from 0.
    pub run: i32,
    /// How it ended.
    pub end: RunEnd,
    /// The server that ran it.
    pub server: Option<i64>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How long it took.
    pub took: Duration,
    /// What it returned, as JSON.
    pub output: Option<String>,
    /// Why it failed.
    pub failure: Option<JobFailure>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunEnd {
    /// With an output.
    Succeeded,
    /// With an error.
    Failed,
    /// The job put itself to sleep.
    Snoozed,
}

impl From<KindRow> for KindRecord {
    fn from(row: KindRow) -> Self {
        let KindRow { name, queue, retries, on_exhausted } = row;
        Self { name, queue, retries, on_exhausted }
    }
}

impl From<EdgeRow> for EdgeRecord {
    fn from(row: EdgeRow) -> Self {
        let EdgeRow { child, parent, trigger, released, .. } = row;
        Self { child, parent, trigger, released }
    }
}

impl From<AttemptEnd> for RunEnd {
    fn from(end: AttemptEnd) -> Self {
        match end {
            AttemptEnd::Succeeded => Self::Succeeded,
            AttemptEnd::Failed => Self::Failed,
            AttemptEnd::Snoozed => Self::Snoozed,
        }
    }
}

/// Something that happened to a job beside its runs.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EventRecord {
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The state before.
    pub from: State,
    /// The state after.
    pub to: State,
    /// Why.
    pub reason: String,
    /// Which server did it, if one did.
    pub server: Option<i64>,
}

/// A line that a job has logged.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogLine {
    /// When.
    pub at: DateTime<Utc>,
    /// In which run, counted from 0.
    pub run: i32,
    /// What it says.
    pub text: String,
    /// Its key: larger than those of the lines before it.
    pub key: i64,
}

/// How many jobs are in each state, and the queues.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// How many jobs are in each state.
    pub counts: Counts,
    /// The queues that have waiting jobs or are paused, by name.
    pub queues: Vec<QueueRecord>,
}

/// A queue and what waits in it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueRecord {
    /// Its name.
    pub name: String,
    /// How many jobs are in its line.
    pub waiting: u64,
    /// How many of its jobs wait for a throttle.
    pub throttled: u64,
    /// When the job was stored that is the next in the line.
    pub oldest: Option<DateTime<Utc>>,
    /// Whether somebody paused it.
    pub paused: bool,
}

/// What goes on in a queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueLoad {
    /// How many of its jobs servers have in hand.
    pub running: u64,
    /// How many runs of its jobs have ended in the last minute. Where more than 1,000 have ended
    /// in all queues together, as far as the latest ones tell.
    pub per_minute: u64,
}

/// A kind of job, as a server has announced it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KindRecord {
    /// Its name.
    pub name: String,
    /// The queue of its jobs.
    pub queue: String,
    /// How often a failed job is tried again.
    pub retries: u32,
    /// What becomes of a job whose attempts are used up.
    pub on_exhausted: OnExhausted,
}

/// A kind of which jobs in this state are stored, whether or not a server knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredKind {
    /// The name of the kind.
    pub kind: String,
    /// Enqueued, Scheduled, Awaiting or Failed.
    pub state: State,
    /// How many of its jobs are among those that were looked at.
    pub jobs: u64,
}

/// How many runs ended in a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Throughput {
    /// When the span began.
    pub at: DateTime<Utc>,
    /// How many jobs have succeeded in it.
    pub succeeded: u64,
    /// How many runs have failed in it.
    pub failed: u64,
}

/// The last run of a job, without what went in and came out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LastRun {
    /// The job.
    pub job: JobId,
    /// Its kind.
    pub kind: String,
    /// Its number, counted from 0.
    pub run: i32,
    /// When the job was stored.
    pub created_at: DateTime<Utc>,
    /// When the job was due, if it was scheduled; of a job that was tried again, for this run.
    pub due_at: Option<DateTime<Utc>>,
    /// When the run began.
    pub started_at: DateTime<Utc>,
    /// How long it took.
    pub took: Duration,
    /// The server that ran it.
    pub server: Option<i64>,
}

impl LastRun {
    /// For how long the job had waited for a worker when the run began: since it was stored, or was
    /// due.
    #[must_use]
    pub fn latency(&self) -> Duration {
        let since = self.due_at.map_or(self.created_at, |due| due.max(self.created_at));
        (self.started_at - since).to_std().unwrap_or_default()
    }
}

/// Who has a job in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Holder {
    /// The server.
    pub server: i64,
    /// When it took the job, which it then starts within moments.
    pub since: DateTime<Utc>,
}

/// A step that a job has done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepRecord {
    /// Its name.
    pub name: String,
    /// When it was done.
    pub at: DateTime<Utc>,
    /// What it returned, as JSON.
    pub output: String,
}

/// What a job or a batch waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EdgeRecord {
    /// The job or batch that waits.
    pub child: JobId,
    /// The job or batch that it waits for.
    pub parent: JobId,
    /// The end of the parent that it waits for.
    pub trigger: Trigger,
    /// Whether that end has come.
    pub released: bool,
}

/// A member of a batch.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BatchMember {
    /// Its place in the order in which members were added.
    pub position: i64,
    /// What it is.
    pub node: BatchNode,
}

/// What is in a batch.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant)] // nearly all are jobs
pub enum BatchNode {
    /// A job.
    Job(JobRecord),
    /// A batch inside.
    Batch(BatchRecord),
}

/// A server as it has announced itself.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ServerRecord {
    /// Its id.
    pub id: i64,
    /// Its name: by default host and process.
    pub name: String,
    /// The queues that it takes jobs from.
    pub queues: Vec<String>,
    /// The kinds that it knows.
    pub kinds: Vec<String>,
    /// How many jobs it runs at a time.
    pub workers: u32,
    /// When it announced itself.
    pub started_at: DateTime<Utc>,
    /// When it last said that it lives.
    pub heartbeat_at: DateTime<Utc>,
    /// Whether it has gone, or was declared dead.
    pub gone: bool,
    /// Whether somebody paused it.
    pub paused: bool,
    /// Whether somebody has asked it to stop.
    pub stopping: bool,
    /// The memory that its process holds, in bytes, at its last heartbeat.
    pub memory: Option<u64>,
    /// The processor time that its process took before that, where 1 is all of one processor.
    pub cpu: Option<f64>,
}

impl From<ServerRow> for ServerRecord {
    fn from(row: ServerRow) -> Self {
        let ServerRow { id, name, queues, kinds, workers, .. } = row;
        let ServerRow { started_at, heartbeat_at, gone, paused, stopping, vitals, .. } = row;
        let memory = vitals.memory.and_then(|bytes| u64::try_from(bytes).ok());
        let cpu = vitals.cpu.map(|thousandths| f64::from(thousandths) / 1e3);
        Self {
            id,
            name,
            queues,
            kinds,
            workers,
            started_at,
            heartbeat_at,
            gone,
            paused,
            stopping,
            memory,
            cpu,
        }
    }
}
