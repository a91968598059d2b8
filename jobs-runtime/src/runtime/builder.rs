//! Setting up a runtime.

use std::collections::HashSet;
use std::time::Duration;

use tower::Layer;

use super::layers::{JobService, Layers};
use super::settings::{Queues, Settings};
use super::{Runtime, start};
use crate::context::States;
use crate::error::Error;
use crate::job::{Job, Registration};
use crate::request::Limits;
use crate::storage::{Retention, Storage};

/// Sets up a [`Runtime`].
///
/// ```no_run
/// use jobs_runtime::prelude::*;
///
/// struct Mailer;
///
/// # async fn example(storage: Storage) -> anyhow::Result<()> {
/// let runtime = Runtime::builder(storage)
///     .workers(20)
///     .queues(["critical", "mail", "default"]) // in this order
///     .queue_limit("mail", 2)
///     .state(Mailer)
///     .grace(Duration::from_secs(60))
///     .start()
///     .await?;
/// # Ok(()) }
/// ```
#[must_use = "a runtime is started by `.start().await`"]
pub struct RuntimeBuilder {
    pub(super) storage: Storage,
    pub(super) settings: Settings,
    pub(super) states: States,
    pub(super) limits: Limits,
    pub(super) retention: Retention,
    pub(super) layers: Layers,
    pub(super) by_hand: Vec<Registration>,
    pub(super) without: HashSet<&'static str>,
}

impl RuntimeBuilder {
    pub(super) fn new(storage: Storage) -> Self {
        Self {
            storage,
            settings: Settings::default(),
            states: States::default(),
            limits: Limits::default(),
            retention: Retention::default(),
            layers: Layers::default(),
            by_hand: Vec::new(),
            without: HashSet::new(),
        }
    }

    /// How many jobs run at a time, 1 to 10,000; by default five for each core, 20 at most.
    pub fn workers(mut self, workers: usize) -> Self {
        self.settings.workers = workers;
        self
    }

    /// The queues that this server takes jobs from, in strict order: a later one gets its turn
    /// when the earlier ones are empty. By default all that the registered kinds and their
    /// schedules name; a job in a queue that no server takes from waits until one does.
    pub fn queues<Q: Into<String>>(mut self, queues: impl IntoIterator<Item = Q>) -> Self {
        self.settings.queues = Queues::Strict(queues.into_iter().map(Into::into).collect());
        self
    }

    /// The queues that this server takes jobs from, each coming first as often as its weight
    /// says.
    pub fn weighted_queues<Q: Into<String>>(
        mut self,
        queues: impl IntoIterator<Item = (Q, u32)>,
    ) -> Self {
        let queues = queues.into_iter().map(|(queue, weight)| (queue.into(), weight));
        self.settings.queues = Queues::Weighted(queues.collect());
        self
    }

    /// At most so many jobs of this queue run on this server at a time.
    pub fn queue_limit(mut self, queue: impl Into<String>, jobs: usize) -> Self {
        self.settings.queue_limits.insert(queue.into(), jobs);
        self
    }

    /// Registers a value that jobs can ask for as `#[inject] State<T>`.
    pub fn state<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.states.insert(value);
        self
    }

    /// Wraps the execution of every job in a [`tower::Layer`]; the one added last is outermost.
    ///
    /// ```no_run
    /// use jobs_runtime::{JobCall, JobService, Runtime, Storage};
    /// use tower::ServiceExt;
    /// use tower::layer::layer_fn;
    ///
    /// # fn example(storage: Storage) {
    /// let telling = layer_fn(|inner: JobService| {
    ///     inner.map_request(|call: JobCall| {
    ///         println!("{} begins", call.context().kind());
    ///         call
    ///     })
    /// });
    /// let builder = Runtime::builder(storage).layer(telling);
    /// # }
    /// ```
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<JobService> + Send + Sync + 'static,
        L::Service: tower::Service<
                super::JobCall,
                Response = super::JobOutput,
                Error = crate::job::JobError,
            > + Clone
            + Send
            + Sync
            + 'static,
        <L::Service as tower::Service<super::JobCall>>::Future: Send + 'static,
    {
        self.layers.push(layer);
        self
    }

    /// Registers a kind by hand, for programs that want no registration while linking.
    #[track_caller]
    pub fn register<J: Job>(mut self) -> Self {
        let place = std::panic::Location::caller();
        self.by_hand.push(Registration::of::<J>(place.file(), place.line()));
        self
    }

    /// Leaves a kind out: this server does not run it, and what it injects need not be there.
    pub fn without<J: Job>(mut self) -> Self {
        self.without.insert(J::NAME);
        self
    }

    /// The name under which the server is shown; by default host and process.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.settings.name = name.into();
        self
    }

    /// How long settled jobs are kept.
    pub fn retention(mut self, retention: Retention) -> Self {
        self.retention = retention;
        self
    }

    /// How large arguments and outputs may be.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Has each job that the [client](Runtime::client) of this runtime stores carry what `stamp`
    /// adds: those of the program, where it is the default client, and those of running jobs. As
    /// [`Client::stamp`](crate::Client::stamp).
    pub fn stamp(
        mut self,
        stamp: impl Fn(&mut serde_json::Map<String, serde_json::Value>) + Send + Sync + 'static,
    ) -> Self {
        self.limits = self.limits.with_stamp(stamp);
        self
    }

    /// How often the server looks for jobs that nobody told it of; 0.9 s unless set.
    pub fn poll_every(mut self, interval: Duration) -> Self {
        self.settings.poll_every = interval;
        self
    }

    /// How often the server says that it lives; 3 s unless set.
    pub fn heartbeat_every(mut self, interval: Duration) -> Self {
        self.settings.heartbeat_every = interval;
        self
    }

    /// The silence after which any server is declared dead and its jobs are put back; 15 s
    /// unless set, and at least two heartbeats. All servers of a storage should agree on it.
    pub fn dead_after(mut self, silence: Duration) -> Self {
        self.settings.dead_after = silence;
        self
    }

    /// How long running jobs have to end when the runtime shuts down; 30 s unless set. Then they
    /// are told to stop, and go back to their queues.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.settings.grace = grace;
        self
    }

    /// How long a job that was told to stop has before it is stopped; 2 s unless set.
    pub fn cancel_grace(mut self, grace: Duration) -> Self {
        self.settings.cancel_grace = grace;
        self
    }

    /// How long a kind may be known to no live server before its waiting jobs are parked as
    /// Failed; 10 minutes unless set.
    pub fn park_after(mut self, unseen: Duration) -> Self {
        self.settings.park_after = unseen;
        self
    }

    /// How often expired jobs are removed; every minute unless set.
    pub fn sweep_every(mut self, interval: Duration) -> Self {
        self.settings.sweep_every = interval;
        self
    }

    /// Checks everything that the program declares, announces the server, and starts its loops.
    ///
    /// # Errors
    /// [`Error::Startup`] with all that does not fit together: two jobs of one name, a state that
    /// is injected and was not registered, an unknown zone; [`Error::Setting`];
    /// [`Error::InvalidQueue`]; [`Error::Storage`].
    pub async fn start(self) -> Result<Runtime, Error> {
        start::start(self).await
    }
}

impl std::fmt::Debug for RuntimeBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RuntimeBuilder")
            .field("storage", &self.storage)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
