//! What a job's function returns when it fails, and the marks that steer the retry.

use std::error::Error as StdError;
use std::fmt;
use std::sync::LazyLock;
use std::time::Duration;

use super::{FailureKind, JobFailure};

type BoxError = Box<dyn StdError + Send + Sync>;

/// The part of a backtrace that is kept, in bytes.
const LONGEST_BACKTRACE: usize = 16 * 1024;

/// Why an attempt did not succeed, made from any error by `?`.
///
/// `JobError` is not itself an [`std::error::Error`], so that every error converts into it.
///
/// ```
/// use jobs_runtime::JobError;
///
/// fn parse(text: &str) -> Result<u32, JobError> {
///     if text.is_empty() {
///         return Err(JobError::fatal("nothing to parse"));
///     }
///     Ok(text.parse::<u32>()?)
/// }
/// assert!(parse("").is_err_and(|error| error.is_fatal()));
/// assert!(parse("x").is_err_and(|error| !error.is_fatal()));
/// ```
#[derive(Debug)]
pub struct JobError(Inner);

#[derive(Debug)]
enum Inner {
    Error { error: BoxError, type_name: &'static str },
    Snooze(Duration),
    Failure(JobFailure),
    Panic(JobFailure),
}

impl JobError {
    /// A failure that is never retried.
    pub fn fatal(error: impl Into<BoxError>) -> Self {
        Marked::new(Mark::Fatal, error).into()
    }

    /// A failure that is retried after `delay` instead of the kind's backoff.
    pub fn retry_after(error: impl Into<BoxError>, delay: Duration) -> Self {
        Marked::new(Mark::RetryAfter(delay), error).into()
    }

    /// Not a failure: the job goes to sleep for `delay` and no attempt is used up.
    #[must_use]
    pub fn snooze(delay: Duration) -> Self {
        Self(Inner::Snooze(delay))
    }

    /// Whether the job will not be retried.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        matches!(self.mark(), Some(Mark::Fatal))
    }

    pub(crate) fn failure(failure: JobFailure) -> Self {
        Self(Inner::Failure(failure))
    }

    /// This error, marked as one that is never retried. A snooze stays a snooze.
    #[must_use]
    pub fn into_fatal(self) -> Self {
        match self.0 {
            Inner::Error { error, type_name } => {
                let bearer = Bearer { mark: Mark::Fatal, error, type_name };
                Self(Inner::Error { error: Box::new(Marked(bearer)), type_name })
            }
            Inner::Panic(failure) => Self(Inner::Failure(failure)),
            inner => Self(inner),
        }
    }

    /// A panic that was caught away from the job's own task.
    pub(crate) fn panicked(failure: JobFailure) -> Self {
        Self(Inner::Panic(failure))
    }

    fn mark(&self) -> Option<Mark> {
        match &self.0 {
            Inner::Error { error, .. } => find_mark(error.as_ref()),
            Inner::Snooze(_) | Inner::Failure(_) | Inner::Panic(_) => None,
        }
    }

    /// What the runtime does about it.
    pub(crate) fn into_verdict(self) -> Verdict {
        let mark = self.mark();
        match self.0 {
            Inner::Snooze(delay) => Verdict::Snooze(delay),
            Inner::Failure(failure) => Verdict::Fatal(failure),
            Inner::Panic(failure) => Verdict::Retry(failure),
            Inner::Error { error, type_name } => {
                let failure = describe(error.as_ref(), type_name);
                match mark {
                    Some(Mark::Fatal) => Verdict::Fatal(failure),
                    Some(Mark::RetryAfter(delay)) => Verdict::RetryAfter(delay, failure),
                    None => Verdict::Retry(failure),
                }
            }
        }
    }
}

impl<E: Into<BoxError>> From<E> for JobError {
    fn from(error: E) -> Self {
        Self(Inner::Error { error: error.into(), type_name: std::any::type_name::<E>() })
    }
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Inner::Error { error, .. } => error.fmt(f),
            Inner::Snooze(delay) => write!(f, "snoozed for {delay:?}"),
            Inner::Failure(failure) | Inner::Panic(failure) => failure.fmt(f),
        }
    }
}

/// What becomes of an attempt that did not succeed.
#[derive(Debug)]
pub(crate) enum Verdict {
    Retry(JobFailure),
    RetryAfter(Duration, JobFailure),
    Fatal(JobFailure),
    Snooze(Duration),
}

/// An error with a mark that steers the retry, as [`Fault::fatal`] and [`Fault::retry_after`]
/// make it. The runtime finds the mark also inside an `anyhow::Error` and along the chain of
/// sources.
pub struct Marked(Bearer);

/// Bears the mark as the source of [`Marked`], since an error that was boxed by `anyhow` hides
/// its own type and shows only its sources.
#[derive(Debug)]
struct Bearer {
    mark: Mark,
    error: BoxError,
    type_name: &'static str,
}

#[derive(Debug, Clone, Copy)]
enum Mark {
    Fatal,
    RetryAfter(Duration),
}

impl Marked {
    fn new<E: Into<BoxError>>(mark: Mark, error: E) -> Self {
        Self(Bearer { mark, error: error.into(), type_name: std::any::type_name::<E>() })
    }
}

impl fmt::Debug for Marked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.error.fmt(f)
    }
}

impl fmt::Display for Marked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Marked {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.0)
    }
}

impl fmt::Display for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl StdError for Bearer {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error.source()
    }
}

/// `.fatal()?` and `.retry_after(delay)?` on any `Result`.
///
/// ```
/// use jobs_runtime::prelude::*;
/// use std::time::Duration;
///
/// fn charge(card: &str) -> anyhow::Result<u32> {
///     let number = card.parse().fatal()?; // no retry mends a bad number
///     std::fs::read("/ready").retry_after(Duration::from_secs(60))?;
///     Ok(number)
/// }
/// # assert!(charge("x").is_err());
/// ```
pub trait Fault<T> {
    /// Marks the error as one that is never retried.
    ///
    /// # Errors
    /// The error itself, marked.
    fn fatal(self) -> Result<T, Marked>;

    /// Marks the error as one that is retried after `delay`.
    ///
    /// # Errors
    /// The error itself, marked.
    fn retry_after(self, delay: Duration) -> Result<T, Marked>;
}

impl<T, E: Into<BoxError>> Fault<T> for Result<T, E> {
    fn fatal(self) -> Result<T, Marked> {
        self.map_err(|error| Marked::new(Mark::Fatal, error))
    }

    fn retry_after(self, delay: Duration) -> Result<T, Marked> {
        self.map_err(|error| Marked::new(Mark::RetryAfter(delay), error))
    }
}

fn chain<'e>(
    error: &'e (dyn StdError + 'static),
) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}

fn bearer<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e Bearer> {
    chain(error).find_map(<dyn StdError>::downcast_ref)
}

fn find_mark(error: &(dyn StdError + 'static)) -> Option<Mark> {
    bearer(error).map(|bearer| bearer.mark)
}

fn describe(error: &(dyn StdError + 'static), type_name: &'static str) -> JobFailure {
    let marked = bearer(error).map(|bearer| bearer.type_name);
    let type_name = std::iter::once(type_name).chain(marked).find(|name| !is_opaque(name));
    // The bearer of a mark says what the error above it says.
    let sources = chain(error).skip(1).filter(|source| !source.is::<Bearer>());
    JobFailure {
        kind: FailureKind::Error,
        type_name: type_name.map(str::to_owned),
        message: error.to_string(),
        sources: sources.map(ToString::to_string).collect(),
        backtrace: backtrace(error),
    }
}

/// Types that say nothing about what went wrong.
fn is_opaque(name: &str) -> bool {
    name.starts_with("anyhow::")
        || name.contains("Box<dyn")
        || name.ends_with("::Marked")
        || matches!(name, "&str" | "alloc::string::String")
}

/// Whether errors of this process carry backtraces, which take long to be put into words.
pub(crate) fn backtraces_are_on() -> bool {
    static ON: LazyLock<bool> = LazyLock::new(|| {
        let on = |name| std::env::var_os(name).map(|value| value != "0");
        on("RUST_LIB_BACKTRACE").or_else(|| on("RUST_BACKTRACE")).unwrap_or(false)
    });
    *ON
}

/// An `anyhow::Error` that was boxed shows its backtrace only in its debug form.
fn backtrace(error: &(dyn StdError + 'static)) -> Option<String> {
    if !backtraces_are_on() {
        return None;
    }
    let text = format!("{error:?}");
    let trace = &text[text.find("Stack backtrace:")?..];
    let end = trace.floor_char_boundary(LONGEST_BACKTRACE);
    Some(trace[..end].to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a panic is how a test fails

    use super::*;

    fn io() -> std::io::Error {
        std::io::Error::other("disk on fire")
    }

    #[test]
    fn a_mark_is_found_inside_anyhow_and_along_the_chain() {
        let plain = Err::<(), _>(io()).fatal().unwrap_err();
        assert!(JobError::from(plain).is_fatal());

        let wrapped: anyhow::Error = Err::<(), _>(io()).fatal().unwrap_err().into();
        let wrapped = wrapped.context("while saving").context("at noon");
        assert!(JobError::from(wrapped).is_fatal());

        let bare: anyhow::Error = Err::<(), _>(io()).fatal().unwrap_err().into();
        assert!(JobError::from(bare).is_fatal());

        #[derive(Debug, thiserror::Error)]
        #[error("outer")]
        struct Outer(#[source] Marked);
        let chained = Outer(Err::<(), _>(io()).fatal().unwrap_err());
        assert!(JobError::from(chained).is_fatal());

        assert!(!JobError::from(io()).is_fatal());
    }

    #[test]
    fn a_failure_names_its_type_message_and_sources() {
        #[derive(Debug, thiserror::Error)]
        #[error("order 7 was not saved")]
        struct Save(#[source] std::io::Error);
        let Verdict::Retry(failure) = JobError::from(Save(io())).into_verdict() else {
            panic!("an unmarked error is retried");
        };
        assert_eq!(failure.message, "order 7 was not saved");
        assert_eq!(failure.sources, ["disk on fire"]);
        assert!(failure.type_name.is_some_and(|name| name.ends_with("Save")));
    }

    #[test]
    fn a_mark_leaves_the_words_of_the_error_as_they_are() {
        let marked: anyhow::Error = Err::<(), _>(io()).fatal().unwrap_err().into();
        let Verdict::Fatal(failure) = JobError::from(marked.context("saving")).into_verdict()
        else {
            panic!("a fatal error is not retried");
        };
        assert_eq!(failure.to_string(), "saving: disk on fire");
        assert!(failure.type_name.is_some_and(|name| name.ends_with("io::error::Error")));
    }

    #[test]
    fn an_error_can_carry_its_own_delay() {
        let error = Err::<(), _>("busy").retry_after(Duration::from_secs(7)).unwrap_err();
        match JobError::from(error).into_verdict() {
            Verdict::RetryAfter(delay, failure) => {
                assert_eq!(delay.as_secs(), 7);
                assert_eq!(failure.message, "busy");
            }
            other => panic!("{other:?}"),
        }
    }
}
