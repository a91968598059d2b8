//! Runs one job at a time: decode, inject, middleware, run, outcome.

use std::any::Any;
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::task::Poll;
use std::time::{Duration, Instant};

use tracing::Instrument;

use super::completer::{Ended, Writer};
use super::layers::{JobCall, JobOutput};
use super::panics;
use super::registry::Kind;
use super::running::Run;
use super::server::Server;
use crate::client::scope;
use crate::context::{Ending, JobContext, NewRun};
use crate::job::{
    BatchId, Call, FailureKind, JobError, JobFailure, JobId, OnExhausted, Overrides, Policy,
    Verdict, backtraces_are_on,
};
use crate::protect::{Keys, Owner, Part, is_sealed, open_args, open_outputs};
use crate::storage::{Claimed, Count, Outcome};
use crate::telemetry;

pub(super) struct Worker {
    server: Arc<Server>,
    latch: blocking_latch::Latch,
}

/// How a run came to its end.
enum End {
    Returned(Result<JobOutput, JobError>),
    Panicked(Box<dyn Any + Send>),
    TimedOut(Duration),
    /// It was told to stop, and may have returned an error for that.
    Stopped,
}

impl Worker {
    pub(super) fn new(server: Arc<Server>) -> Self {
        Self { server, latch: blocking_latch::Latch::default() }
    }

    pub(super) async fn run(self) {
        let client = self.server.client().clone();
        let latch = self.latch.clone();
        scope(client, latch.scope(self.work())).await;
    }

    async fn work(self) {
        let mut took = None;
        loop {
            let (claimed, begun) = tokio::select! {
                biased;
                () = self.server.stopped.cancelled() => return,
                next = self.server.buffer.next(took) => next,
            };
            if self.server.stopping.is_cancelled() {
                self.server.give_back(claimed);
                took = None;
                continue;
            }
            took = self.take(claimed, begun).await;
            // A worker whose jobs never wait would otherwise keep its thread to itself.
            tokio::task::consume_budget().await;
        }
    }

    /// Gives the length of the run, if there was one.
    async fn take(&self, claimed: Claimed, begun: Instant) -> Option<Duration> {
        if !claimed.solo {
            return self.attempt(claimed, begun).await;
        }
        let (claimed, trial) = self.server.solo.try_start(claimed)?;
        let started = [(claimed.lease, vec![claimed.id])];
        let took = if let Err(error) = self.server.storage().note_started(&started).await {
            tracing::debug!(job = %claimed.id, %error, "not started alone; goes back to its line");
            self.server.give_back(claimed);
            None
        } else {
            self.attempt(claimed, Instant::now()).await
        };
        self.server.end_trial(trial);
        took
    }

    async fn attempt(&self, mut claimed: Claimed, started: Instant) -> Option<Duration> {
        let Some(kind) = self.server.registry.kind(&claimed.kind) else {
            // Only known kinds are asked for.
            self.server.give_back(claimed);
            return None;
        };
        let span = telemetry::span(&claimed);
        let mut terms = Terms::of(kind, claimed.options.as_deref());
        let keys = self.server.storage().keys();
        let opened = match &terms {
            Ok(terms) => terms.open(&mut claimed, keys),
            Err(failure) => Err(failure.clone()),
        };
        let (outcome, ending) = match (&mut terms, opened) {
            _ if claimed.expired => (Outcome::Expired, Ending::default()),
            (Ok(terms), Ok(hides_input)) => {
                let outcome = self.outcome(kind, terms, hides_input, &mut claimed, started);
                outcome.instrument(span.clone()).await
            }
            (_, Err(failure)) => (Outcome::Failed { failure }, Ending::default()),
            (Err(failure), _) => (Outcome::Failed { failure: failure.clone() }, Ending::default()),
        };
        let (keep, batch) = terms.map_or((None, None), |terms| (terms.policy.keep, terms.batch));
        let keep = keep.filter(|_| !claimed.expired);
        self.server.hold_less(&claimed.queue);
        let took = started.elapsed();
        // Whether a job has failed that may have ended in a transaction of its own, only the
        // database knows.
        if ending.is_ordinary() || matches!(outcome, Outcome::Succeeded { .. }) {
            telemetry::tell(&span, &outcome, took);
            #[cfg(feature = "metrics")]
            telemetry::ended(&claimed, &outcome, took);
        }
        let ended = Ended::new(&claimed, outcome, started, took, keep).member_of(batch);
        match ending.is_ordinary() {
            true => self.server.hand_in(ended),
            false => self.end_unless_written(ended, ending).await,
        }
        Some(took)
    }

    /// Ends a job that a transaction of its function may have ended: that is true if it was
    /// committed, which the database knows.
    async fn end_unless_written(&self, ended: Ended, ending: Ending) {
        let ended = ended.unless_written(ending.own_lease);
        match ending.own_lease {
            // By itself, since it waits for that transaction if that is still open.
            Some(_) => Writer { server: Arc::clone(&self.server) }.write(vec![ended]).await,
            None => self.server.hand_in(ended),
        }
        // If nothing came of them, whoever is told looks in vain.
        self.server.storage().tell(ending.effects.unwrap_or_default());
    }

    async fn outcome(
        &self,
        kind: &Kind,
        terms: &mut Terms<'_>,
        hides_input: bool,
        claimed: &mut Claimed,
        begun: Instant,
    ) -> (Outcome, Ending) {
        let policy = terms.policy.as_ref();
        let run = Run::new(claimed.lease);
        self.server.running.insert(claimed.id, run.clone());
        let lessor: Weak<Server> = Arc::downgrade(&self.server);
        let ctx = JobContext::new(NewRun {
            claimed,
            registration: &kind.registration,
            policy,
            batch: terms.batch,
            meta: std::mem::take(&mut terms.meta),
            begun,
            // A child, so that a job that trips its own token is not taken for one told to stop.
            cancellation: run.token.child_token(),
            runtime: Arc::clone(&self.server.shared),
            lessor,
        });
        // Nothing but the run needs them; a job that is put back is known by its id.
        let (args, input) = (std::mem::take(&mut claimed.args), claimed.input.take());
        let call = Call { args, input, hides_input, ctx: ctx.clone() };
        let end = self.execute(kind, policy, call, &run).await;
        ctx.until_reported().await;
        let ending = ctx.close().await;
        self.server.running.remove(ending.own_lease.unwrap_or(claimed.lease), claimed.id);
        let count =
            Count { run: claimed.run, charged: i32::try_from(claimed.charged).unwrap_or(i32::MAX) };
        (self.judge(end, policy, count).await, ending)
    }

    async fn execute(&self, kind: &Kind, policy: &Policy, call: Call, run: &Run) -> End {
        let call = JobCall::new(kind.registration.run, call);
        let layers = &self.server.layers;
        let mut future = match catch_unwind(AssertUnwindSafe(|| layers.run(call))) {
            Ok(future) => future,
            Err(panic) => return End::Panicked(panic),
        };
        let mut future = std::pin::pin!(std::future::poll_fn(move |cx| {
            match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
                Ok(Poll::Pending) => Poll::Pending,
                Ok(Poll::Ready(result)) => Poll::Ready(End::Returned(result)),
                Err(panic) => Poll::Ready(End::Panicked(panic)),
            }
        }));
        let end = tokio::select! {
            biased;
            end = &mut future => return match end {
                // Whatever else it ends with once it was told to stop, it has not run to its end.
                End::Returned(Err(_)) | End::Panicked(_) if run.token.is_cancelled() => End::Stopped,
                end => end,
            },
            timeout = sleep(policy.timeout) => {
                run.token.cancel();
                End::TimedOut(timeout)
            }
            () = run.token.cancelled() => {
                let grace = self.server.settings.cancel_grace;
                match tokio::time::timeout(grace, &mut future).await {
                    Ok(End::Returned(Ok(output))) => return End::Returned(Ok(output)),
                    _ => End::Stopped,
                }
            }
        };
        // A thread cannot be killed: until it returns, the job stays this server's, so that no
        // other attempt starts beside it.
        self.latch.released().await;
        end
    }

    async fn judge(&self, end: End, policy: &Policy, count: Count) -> Outcome {
        let verdict = match end {
            End::Returned(Ok(output)) => return self.success(output),
            End::Stopped => return Outcome::Released { started: true },
            End::Returned(Err(error)) => verdict_of(error).await,
            End::Panicked(panic) => Verdict::Retry(panics::failure_of(panic.as_ref())),
            End::TimedOut(timeout) => Verdict::Retry(JobFailure::new(
                FailureKind::Timeout,
                format!("the attempt did not end within its timeout of {timeout:?}"),
            )),
        };
        let retry = u32::try_from(count.charged).unwrap_or(u32::MAX).saturating_add(1);
        let left = retry < policy.max_attempts();
        match verdict {
            Verdict::Snooze(delay) => Outcome::Snoozed { delay },
            Verdict::RetryAfter(delay, failure) if left => Outcome::Retry { delay, failure },
            Verdict::Retry(failure) if left => {
                Outcome::Retry { delay: policy.backoff.delay(retry), failure }
            }
            Verdict::Fatal(failure) | Verdict::Retry(failure) | Verdict::RetryAfter(_, failure) => {
                let parked = failure.kind == FailureKind::Undecodable;
                match policy.on_exhausted {
                    OnExhausted::Delete if !parked => Outcome::Dropped { failure },
                    _ => Outcome::Failed { failure },
                }
            }
        }
    }

    fn success(&self, output: JobOutput) -> Outcome {
        let limit = self.server.client().limits().largest_output();
        let size = output.as_ref().map_or(0, String::len);
        if size <= limit {
            return Outcome::Succeeded { output };
        }
        let message = format!(
            "the job ran to its end, but its output is {size} bytes of JSON; the limit is \
             {limit} bytes"
        );
        Outcome::Failed { failure: JobFailure::new(FailureKind::Output, message) }
    }
}

/// What holds for one job: the policy of its kind, with what its request set differently.
struct Terms<'k> {
    policy: Cow<'k, Policy>,
    /// The batch that it is in.
    batch: Option<BatchId>,
    /// What it carries beside its arguments.
    meta: serde_json::Map<String, serde_json::Value>,
    /// The arguments that are encrypted, and the schedule for which they are.
    encrypted: Vec<Cow<'static, str>>,
    encrypted_for: Option<JobId>,
}

impl<'k> Terms<'k> {
    fn of(kind: &'k Kind, options: Option<&str>) -> Result<Self, JobFailure> {
        let Some(json) = options else {
            return Ok(Self {
                policy: Cow::Borrowed(&kind.policy),
                batch: None,
                meta: serde_json::Map::new(),
                encrypted: Vec::new(),
                encrypted_for: None,
            });
        };
        match serde_json::from_str::<Overrides>(json) {
            Ok(mut overrides) => Ok(Self {
                batch: overrides.batch,
                meta: std::mem::take(&mut overrides.meta),
                encrypted: std::mem::take(&mut overrides.encrypt),
                encrypted_for: overrides.encrypted_for,
                policy: Cow::Owned(kind.policy.with(overrides)),
            }),
            Err(error) => {
                let message = format!("the stored settings of the job do not decode: {error}");
                Err(JobFailure::new(FailureKind::Undecodable, message))
            }
        }
    }
}

impl Terms<'_> {
    /// Decrypts what the job was stored with and what it was handed. Gives whether its input must
    /// not be shown.
    fn open(&self, claimed: &mut Claimed, keys: Option<&Keys>) -> Result<bool, JobFailure> {
        let wrong = |message| JobFailure::new(FailureKind::Undecodable, message);
        let owner = self.encrypted_for.map_or(Owner::Job(claimed.id), Owner::Schedule);
        let args = std::mem::take(&mut claimed.args);
        claimed.args =
            open_args(args, &self.encrypted, owner, &claimed.kind, keys).map_err(wrong)?;
        let Some(input) = claimed.input.take_if(|input| is_sealed(input)) else {
            return Ok(false);
        };
        let opened = open_outputs(input, Part::Output, keys);
        let opened = opened.map_err(|unopened| wrong(format!("the parent's output {unopened}")))?;
        claimed.input = Some(opened);
        Ok(true)
    }
}

/// Away from the worker's thread where there may be a backtrace, which takes long to be put into
/// words.
async fn verdict_of(error: JobError) -> Verdict {
    if !backtraces_are_on() {
        return error.into_verdict();
    }
    let described = tokio::task::spawn_blocking(|| error.into_verdict());
    described.await.unwrap_or_else(|lost| {
        let message = format!("the error of the run could not be described: {lost}");
        Verdict::Retry(JobFailure::new(FailureKind::Error, message))
    })
}

/// Ends after the timeout, with it; never without one.
async fn sleep(timeout: Option<Duration>) -> Duration {
    match timeout {
        None => std::future::pending().await,
        Some(timeout) => {
            tokio::time::sleep(timeout).await;
            timeout
        }
    }
}

pub(crate) mod blocking_latch {
    //! Tells a worker whether a blocking function of its job is still on its thread.

    use tokio::sync::watch;

    tokio::task_local! {
        static LATCH: Latch;
    }

    #[derive(Clone)]
    pub(crate) struct Latch(watch::Sender<usize>);

    impl Default for Latch {
        fn default() -> Self {
            Self(watch::Sender::new(0))
        }
    }

    /// Held by a blocking function while it runs.
    pub(crate) struct Held(watch::Sender<usize>);

    impl Latch {
        pub(super) async fn scope<F: Future>(self, future: F) -> F::Output {
            LATCH.scope(self, future).await
        }

        /// Waits until no blocking function runs.
        pub(super) async fn released(&self) {
            // The sender is held by `self`, so this ends by the count alone.
            let _ = self.0.subscribe().wait_for(|held| *held == 0).await;
        }
    }

    /// Holds the latch of the worker that runs the present job, if one does.
    pub(crate) fn hold() -> Option<Held> {
        LATCH
            .try_with(|latch| {
                latch.0.send_modify(|held| *held += 1);
                Held(latch.0.clone())
            })
            .ok()
    }

    impl Drop for Held {
        fn drop(&mut self) {
            self.0.send_modify(|held| *held = held.saturating_sub(1));
        }
    }
}
