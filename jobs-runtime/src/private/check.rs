//! Bounds and probes by which generated code turns an unmet requirement into one readable error.

use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::job::JobError;

/// A type that can be stored as an argument of a job.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored as an argument of a job",
    label = "a parameter of this job takes a `{Self}`",
    note = "an argument needs `serde::Serialize`, `serde::Deserialize`, `Send` and `Sync`: derive the first two on `{Self}`",
    note = "if the runtime is to supply the value, mark the parameter `#[inject]`"
)]
pub trait Argument: Serialize + DeserializeOwned + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> Argument for T {}

/// An error that a job's function may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a job",
    label = "does not convert into `JobError`",
    note = "any `std::error::Error + Send + Sync + 'static` can, and so can `anyhow::Error`, `String` and `JobError`"
)]
pub trait Failure {
    /// The same failure, as the runtime takes it.
    fn into_job_error(self) -> JobError;
}

#[diagnostic::do_not_recommend]
impl<E: Into<JobError>> Failure for E {
    fn into_job_error(self) -> JobError {
        self.into()
    }
}

/// Makes the runtime's error of the function's.
pub fn failure<E: Failure>(error: E) -> JobError {
    error.into_job_error()
}

/// Tells a `Result` from any other type, also behind an alias, which a macro cannot see through:
/// the inherent constant exists for `Result` only and wins over the trait's, which exists for all.
#[derive(Debug)]
pub struct Returned<T>(PhantomData<T>);

impl<T, E> Returned<Result<T, E>> {
    /// An alias hides a `Result`.
    pub const IS_RESULT: bool = true;
}

/// What holds for a return type that is not a `Result`.
pub trait Plain {
    /// No alias hides a `Result`.
    const IS_RESULT: bool = false;
}

impl<T> Plain for Returned<T> {}
