//! What generated code names; no part of the public interface.

#[cfg(feature = "macros")]
pub mod check;

pub use std::borrow::Cow;
pub use std::time::Duration;

pub use chrono::{DateTime, Utc};
pub use inventory;
pub use serde;
pub use serde_json;

pub use crate::client::Enqueue;
pub use crate::context::{FromContext, JobContext, MissingState, States};
pub use crate::job::{
    Backoff, DEFAULT_QUEUE, Job, JobError, Misfire, NoInput, OnConflict, OnExhausted, Overlap,
    Policy, RecurringRegistration, Registration, State as JobState, Throttle, Unique,
};
pub use crate::request::{HandsOver, JobRequest, Needs};

/// Runs a blocking function on the pool that is made for them.
///
/// # Errors
/// A panic of the function fails the attempt; so does a tokio runtime that is shutting down.
pub async fn run_blocking<R: Send + 'static>(
    function: impl FnOnce() -> R + Send + 'static,
) -> Result<R, JobError> {
    // Goes with the function and not with this future, which a timeout drops.
    let held = crate::runtime::blocking_latch::hold();
    let span = tracing::Span::current();
    let caught = tokio::task::spawn_blocking(move || {
        let _held = held;
        let _entered = span.entered();
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(function));
        // Told apart here, since the place of a panic is known to its own thread only.
        result.map_err(|panic| crate::runtime::failure_of(panic.as_ref()))
    });
    caught.await?.map_err(JobError::panicked)
}
