//! How a parameter marked `#[inject]` gets its value.

use tokio_util::sync::CancellationToken;

use super::{JobContext, MissingState, State, States};
use crate::client::Client;
use crate::job::JobError;

/// A type that the runtime can give to a job's function.
///
/// ```
/// use jobs_runtime::prelude::*;
/// use jobs_runtime::{FromContext, JobError};
///
/// struct Attempt(u32);
///
/// impl FromContext for Attempt {
///     fn from_context(ctx: &JobContext) -> Result<Self, JobError> {
///         Ok(Self(ctx.attempt()))
///     }
/// }
///
/// #[job]
/// async fn probe(#[inject] attempt: Attempt) -> u32 {
///     attempt.0
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be injected into a job",
    label = "not something that the runtime can give",
    note = "inject `State<T>`, `JobContext`, `CancellationToken` or `Client`, or implement `FromContext` for `{Self}`",
    note = "a parameter without `#[inject]` is stored with the job as an argument"
)]
pub trait FromContext: Sized {
    /// Makes the value for one run.
    ///
    /// # Errors
    /// Fails the attempt.
    fn from_context(ctx: &JobContext) -> Result<Self, JobError>;

    /// Whether what it needs was registered; asked at start-up.
    ///
    /// # Errors
    /// Names the type that is missing.
    fn check(_states: &States) -> Result<(), MissingState> {
        Ok(())
    }
}

impl FromContext for JobContext {
    fn from_context(ctx: &JobContext) -> Result<Self, JobError> {
        Ok(ctx.clone())
    }
}

impl FromContext for CancellationToken {
    fn from_context(ctx: &JobContext) -> Result<Self, JobError> {
        Ok(ctx.cancellation().clone())
    }
}

impl FromContext for Client {
    fn from_context(ctx: &JobContext) -> Result<Self, JobError> {
        Ok(ctx.client().clone())
    }
}

impl<T: Send + Sync + 'static> FromContext for State<T> {
    fn from_context(ctx: &JobContext) -> Result<Self, JobError> {
        ctx.state()
            .ok_or_else(|| JobError::fatal(MissingState { type_name: std::any::type_name::<T>() }))
    }

    fn check(states: &States) -> Result<(), MissingState> {
        states.require::<T>()
    }
}
