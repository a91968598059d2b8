//! What a running job can ask the runtime for.

mod complete;
mod inject;
mod report;
mod states;
mod step;

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

pub(crate) use complete::{Ending, Lessor, SetApart};
pub use inject::FromContext;
pub use states::{MissingState, State, States};
pub use step::StepError;

use crate::batch::{BatchHandle, Mixed};
use crate::client::Client;
use crate::job::{BatchId, JobId, Policy, Registration, TypeOf};
use crate::protect::{Part, seal_output};
use crate::runtime::{Journal, Kept};
use crate::storage::{Claimed, may_hold_slot};

/// The run of a job, as its function sees it.
///
/// ```
/// use jobs_runtime::prelude::*;
///
/// #[job]
/// async fn import(file: String, ctx: JobContext) -> anyhow::Result<()> {
///     ctx.log(format!("attempt {} of {}", ctx.attempt(), file)).await?;
///     Ok(())
/// }
/// ```
#[derive(Clone)]
pub struct JobContext(Arc<Inner>);

struct Inner {
    id: JobId,
    lease: i64,
    /// Nothing else is in the lease.
    solo: bool,
    /// It may have taken slots of throttles.
    holds_slot: bool,
    /// The place in the line that the job had.
    seq: i64,
    run: i32,
    attempt: u32,
    max_attempts: u32,
    kind: &'static str,
    queue: Arc<str>,
    /// What the function returns.
    output: TypeOf,
    encrypts_output: bool,
    keep: Option<Duration>,
    batch: Option<BatchId>,
    meta: Meta,
    begun: Instant,
    cancellation: CancellationToken,
    runtime: Arc<Shared>,
    lessor: Weak<dyn Lessor>,
    ending: Mutex<Ending>,
    kept_lines: Kept,
    /// The last batch of the journal that has something of this run; 0 if none has.
    reported: AtomicU64,
}

type Meta = serde_json::Map<String, serde_json::Value>;

/// What a worker knows of the run that it begins.
pub(crate) struct NewRun<'r> {
    pub(crate) claimed: &'r Claimed,
    pub(crate) registration: &'r Registration,
    pub(crate) policy: &'r Policy,
    pub(crate) batch: Option<BatchId>,
    pub(crate) meta: Meta,
    pub(crate) begun: Instant,
    pub(crate) cancellation: CancellationToken,
    pub(crate) runtime: Arc<Shared>,
    pub(crate) lessor: Weak<dyn Lessor>,
}

/// What all runs in one runtime share.
pub(crate) struct Shared {
    pub(crate) client: Client,
    pub(crate) states: States,
    pub(crate) journal: Journal,
}

impl JobContext {
    pub(crate) fn new(new: NewRun<'_>) -> Self {
        let NewRun { claimed, registration, policy, .. } = new;
        let NewRun { batch, meta, begun, cancellation, runtime, lessor, .. } = new;
        Self(Arc::new(Inner {
            id: claimed.id,
            lease: claimed.lease,
            solo: claimed.solo,
            holds_slot: may_hold_slot(claimed.options.as_deref()),
            seq: claimed.seq,
            run: claimed.run,
            attempt: claimed.charged.saturating_add(1),
            max_attempts: policy.max_attempts(),
            kind: registration.name,
            queue: Arc::clone(&claimed.queue),
            output: registration.output,
            encrypts_output: registration.encrypts_output,
            keep: policy.keep,
            batch,
            meta,
            begun,
            cancellation,
            runtime,
            lessor,
            ending: Mutex::default(),
            kept_lines: Kept::default(),
            reported: AtomicU64::new(0),
        }))
    }

    /// The id of the job.
    #[must_use]
    pub fn id(&self) -> JobId {
        self.0.id
    }

    /// The name of the job's kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.0.kind
    }

    /// The queue that the job came from.
    #[must_use]
    pub fn queue(&self) -> &str {
        &self.0.queue
    }

    /// The batch that the job is in, which is open as long as the job runs: it takes more jobs.
    ///
    /// ```
    /// use jobs_runtime::prelude::*;
    ///
    /// #[job]
    /// async fn visit(page: String, ctx: JobContext) -> anyhow::Result<()> {
    ///     if let Some(batch) = ctx.batch() {
    ///         batch.add(visit::job(format!("{page}/next"))).await?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    #[must_use]
    pub fn batch(&self) -> Option<BatchHandle<Mixed>> {
        self.0.batch.map(|batch| self.client().batch_handle(batch))
    }

    /// A value that the job carries beside its arguments, by
    /// [`JobRequest::meta`](crate::JobRequest::meta) or [`Client::stamp`].
    ///
    /// ```
    /// use jobs_runtime::prelude::*;
    ///
    /// #[job]
    /// async fn import(file: String, ctx: JobContext) {
    ///     let user = ctx.meta("user").and_then(|user| user.as_str()).unwrap_or("nobody");
    ///     println!("{file}, for {user}");
    /// }
    /// ```
    #[must_use]
    pub fn meta(&self, key: &str) -> Option<&serde_json::Value> {
        self.0.meta.get(key)
    }

    /// Which attempt this is, counted from 1. Runs that snoozed or were cut short by a shutdown
    /// are not counted.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.0.attempt
    }

    /// The first attempt and all retries.
    #[must_use]
    pub fn max_attempts(&self) -> u32 {
        self.0.max_attempts
    }

    /// The lease under which this run goes on; another run of the job has another one.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn lease(&self) -> i64 {
        self.0.lease
    }

    /// The number of this run, counted from 0. A run that was cut short leaves its number to the
    /// next one.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn run(&self) -> i32 {
        self.0.run
    }

    /// Trips when this run should end: on shutdown, on timeout, and when the job is deleted or
    /// requeued while it runs.
    #[must_use]
    pub fn cancellation(&self) -> &CancellationToken {
        &self.0.cancellation
    }

    /// A client of the storage that this job came from.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.0.runtime.client
    }

    /// The output of the job, or of a part of it, as it is stored.
    pub(crate) fn sealed(&self, json: String, part: Part<'_>) -> Result<String, String> {
        let keys = self.client().storage().keys();
        seal_output(json, self.0.encrypts_output, part, self.0.id, keys)
    }

    /// What the application registered under the type `T`, if it did.
    #[must_use]
    pub fn state<T: Send + Sync + 'static>(&self) -> Option<State<T>> {
        self.0.runtime.states.get()
    }
}

impl fmt::Debug for JobContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobContext")
            .field("id", &self.0.id)
            .field("kind", &self.0.kind)
            .field("queue", &self.0.queue)
            .field("attempt", &self.0.attempt)
            .field("run", &self.0.run)
            .field("lease", &self.0.lease)
            .finish_non_exhaustive()
    }
}
