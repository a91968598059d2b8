//! A request that takes a parent's output, and so cannot stand alone.

use super::{HandsOver, JobRequest, Trigger};
use crate::job::{Job, JobFailure};

/// The request of a job with a `#[from_parent]` parameter: it becomes a [`JobRequest`] when it
/// is given a parent whose output has the parameter's type.
///
/// ```no_run
/// use jobs_runtime::prelude::*;
///
/// #[job]
/// async fn measure(text: String) -> usize {
///     text.len()
/// }
///
/// #[job]
/// async fn print(#[from_parent] length: usize) {
///     println!("{length}");
/// }
///
/// # async fn example() -> anyhow::Result<()> {
/// let measured = measure::enqueue("some words").await?;
/// print::job().after(&measured).enqueue().await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "this job needs a parent: give it one by `.after(&parent)`"]
pub struct Needs<J> {
    args: J,
}

impl<J: Job> Needs<J> {
    /// A request of `args` that still needs its parent.
    pub fn new(args: J) -> Self {
        Self { args }
    }

    /// The request, to run when the parent has handed over its output.
    pub fn after(self, parent: impl HandsOver<J::Input>) -> JobRequest<J> {
        JobRequest::unchecked(self.args).hanging_on(parent.parents())
    }

    /// The request, to run if the parent has failed; it takes the failure.
    pub fn after_failed<T>(self, parent: impl HandsOver<Result<T, JobFailure>>) -> JobRequest<J>
    where
        J: Job<Input = Result<T, JobFailure>>,
    {
        JobRequest::unchecked(self.args).hanging_on(parent.parents().on(Trigger::Failed))
    }

    /// The request, to run when all of the parents have handed over their outputs.
    pub fn after_all(self, parents: impl HandsOver<J::Input>) -> JobRequest<J> {
        self.after(parents)
    }
}
