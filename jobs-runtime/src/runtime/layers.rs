//! Middleware: tower layers around the execution of a job.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tower::util::BoxCloneSyncService;
use tower::{Layer, Service, ServiceExt};

use crate::context::JobContext;
use crate::job::{Call, JobError, Runner};

/// One run of a job on its way through the layers.
#[derive(Debug)]
pub struct JobCall {
    run: Runner,
    call: Call,
}

impl JobCall {
    pub(super) fn new(run: Runner, call: Call) -> Self {
        Self { run, call }
    }

    /// The job that is run.
    #[must_use]
    pub fn context(&self) -> &JobContext {
        &self.call.ctx
    }

    /// Its arguments, as JSON.
    #[must_use]
    pub fn args(&self) -> &str {
        &self.call.args
    }
}

/// What a run returned, as JSON; `None` for `()`.
pub type JobOutput = Option<String>;

/// What a layer wraps.
pub type JobService = BoxCloneSyncService<JobCall, JobOutput, JobError>;

/// The innermost service: runs the job's function.
#[derive(Debug, Clone, Copy)]
struct Execute;

type RunFuture = Pin<Box<dyn Future<Output = Result<JobOutput, JobError>> + Send>>;

impl Service<JobCall> for Execute {
    type Response = JobOutput;
    type Error = JobError;
    type Future = RunFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), JobError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, call: JobCall) -> RunFuture {
        (call.run)(call.call)
    }
}

/// The layers of a runtime, if it has any.
#[derive(Clone, Default)]
pub(crate) struct Layers(Option<JobService>);

impl Layers {
    pub(super) fn push<L>(&mut self, layer: L)
    where
        L: Layer<JobService>,
        L::Service: Service<JobCall, Response = JobOutput, Error = JobError>
            + Clone
            + Send
            + Sync
            + 'static,
        <L::Service as Service<JobCall>>::Future: Send + 'static,
    {
        let inner = self.0.take().unwrap_or_else(|| JobService::new(Execute));
        self.0 = Some(JobService::new(layer.layer(inner)));
    }

    /// Runs a job through the layers, or directly where there are none.
    pub(super) fn run(&self, call: JobCall) -> RunFuture {
        match &self.0 {
            None => (call.run)(call.call),
            Some(service) => Box::pin(service.clone().oneshot(call)),
        }
    }
}
