//! What a job is: the [`Job`] trait that `#[job]` implements, its [`Policy`], its errors.

mod backoff;
mod error;
mod failure;
mod id;
mod policy;
mod registration;
mod state;
mod throttle;
mod unique;

use std::borrow::Cow;
use std::future::Future;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

pub use backoff::Backoff;
pub(crate) use backoff::StoredBackoff;
pub use error::{Fault, JobError, Marked};
pub(crate) use error::{Verdict, backtraces_are_on};
pub use failure::{FailureKind, JobFailure};
pub use id::{BatchId, JobId};
pub use policy::{OnExhausted, Policy};
pub(crate) use policy::{Overrides, jitter};
pub(crate) use registration::{Call, Made, Runner, TypeOf, encode_output};
pub use registration::{Misfire, Overlap, RecurringRegistration, Registration};
pub use state::State;
pub use throttle::{Throttle, ThrottleKind};
pub use unique::{OnConflict, Unique};

use crate::context::{JobContext, MissingState, States};

/// A kind of job: the arguments as a serializable struct, and how to run them.
///
/// `#[job]` implements this for the struct that it generates; write it by hand only for kinds
/// that a macro cannot express, and make them known with
/// [`RuntimeBuilder::register`](crate::RuntimeBuilder::register).
///
/// ```
/// use jobs_runtime::prelude::*;
/// use jobs_runtime::{JobError, NoInput};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, Serialize, Deserialize)]
/// struct Greet {
///     name: String,
/// }
///
/// impl Job for Greet {
///     type Output = String;
///     type Input = NoInput;
///     const NAME: &'static str = "greet";
///
///     async fn run(self, _ctx: JobContext, _input: NoInput) -> Result<String, JobError> {
///         Ok(format!("Hello, {}", self.name))
///     }
/// }
/// assert_eq!(Greet::QUEUE, "default");
/// ```
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What a successful run returns; stored as JSON.
    type Output: Serialize + DeserializeOwned + Send + 'static;
    /// What the parents hand over; [`NoInput`] for a job that takes nothing from a parent.
    type Input: DeserializeOwned + Send + 'static;
    /// The name under which jobs of this kind are stored: 1 to 200 characters.
    const NAME: &'static str;
    /// Former names, under which stored jobs are still found.
    const ALIASES: &'static [&'static str] = &[];
    /// The queue that jobs of this kind go to unless a request names another.
    const QUEUE: &'static str = DEFAULT_QUEUE;

    /// The arguments, by the names under which they are stored, that are shown as `•••`.
    const REDACTED: &'static [&'static str] = &[];

    /// The arguments, by the names under which they are stored, that are encrypted in the storage,
    /// and shown as `•••`. The storage needs keys for that: `StorageOptions::keys`.
    const ENCRYPTED: &'static [&'static str] = &[];

    /// Whether what the job returns, and what its steps return, is encrypted in the storage.
    const ENCRYPT_OUTPUT: bool = false;

    /// Retries, backoff, timeout and the rest that holds for every job of this kind.
    fn policy() -> Policy {
        Policy::default()
    }

    /// The queue of this very job; differs from [`QUEUE`](Self::QUEUE) where it depends on the
    /// arguments.
    fn queue(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::QUEUE)
    }

    /// The key by which a second job like this one is recognised, if the kind is unique.
    fn unique(&self) -> Option<Unique> {
        None
    }

    /// The limits that hold for this job across all servers.
    fn throttles(&self) -> Vec<Throttle> {
        Vec::new()
    }

    /// The key by which jobs of its queue take turns, if they do.
    fn fair_by(&self) -> Option<String> {
        None
    }

    /// The tags that this job carries from the start.
    fn tags(&self) -> Vec<String> {
        Vec::new()
    }

    /// Runs the job once.
    fn run(
        self,
        ctx: JobContext,
        input: Self::Input,
    ) -> impl Future<Output = Result<Self::Output, JobError>> + Send;

    /// Whether the application registered all the state that this kind injects; asked at
    /// start-up.
    ///
    /// # Errors
    /// Names the first type that is missing.
    fn check(_states: &States) -> Result<(), MissingState> {
        Ok(())
    }
}

/// The queue of jobs that name none.
pub const DEFAULT_QUEUE: &str = "default";

/// The input of a job that takes nothing from its parents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoInput;

impl<'de> Deserialize<'de> for NoInput {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}
