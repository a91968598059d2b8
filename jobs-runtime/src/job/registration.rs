//! What the macros leave for the runtime to find at start-up.

use std::any::TypeId;
use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::{FailureKind, Job, JobError, JobFailure, Overrides, Policy};
use crate::context::{JobContext, MissingState, States};
use crate::error::Error;
use crate::protect::Part;

/// One kind of job, as the program declares it: constants and function pointers only, collected
/// while linking.
#[derive(Debug, Clone, Copy)]
pub struct Registration {
    pub(crate) name: &'static str,
    pub(crate) aliases: &'static [&'static str],
    pub(crate) queue: &'static str,
    pub(crate) encrypts_output: bool,
    pub(crate) policy: fn() -> Policy,
    pub(crate) run: Runner,
    /// What the kind makes of these arguments that is stored with the job.
    pub(crate) made_of: fn(&str) -> Result<Made, Error>,
    pub(crate) check: fn(&States) -> Result<(), MissingState>,
    pub(crate) file: &'static str,
    pub(crate) line: u32,
    pub(crate) output: TypeOf,
    /// Tells a kind that is declared twice from two kinds of one name.
    pub(crate) type_id: TypeId,
}

/// What a kind makes of the arguments of one job.
pub(crate) struct Made {
    pub(crate) queue: Cow<'static, str>,
    pub(crate) options: Option<String>,
}

/// A type, as far as it is known at run time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TypeOf {
    pub(crate) id: TypeId,
    pub(crate) name: fn() -> &'static str,
}

impl TypeOf {
    const fn of<T: 'static>() -> Self {
        Self { id: TypeId::of::<T>(), name: std::any::type_name::<T> }
    }
}

pub(crate) type Runner = fn(Call) -> RunFuture;
type RunFuture = Pin<Box<dyn Future<Output = Result<Option<String>, JobError>> + Send>>;

/// One run of a job whose type is no longer known.
pub(crate) struct Call {
    pub(crate) args: String,
    pub(crate) input: Option<String>,
    /// It was encrypted.
    pub(crate) hides_input: bool,
    pub(crate) ctx: JobContext,
}

/// Without the arguments, which may hold what is not to be shown.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("ctx", &self.ctx).finish_non_exhaustive()
    }
}

impl Registration {
    /// The registration of `J`, declared at this place.
    #[must_use]
    pub const fn of<J: Job>(file: &'static str, line: u32) -> Self {
        Self {
            name: J::NAME,
            aliases: J::ALIASES,
            queue: J::QUEUE,
            encrypts_output: J::ENCRYPT_OUTPUT,
            policy: J::policy,
            run: run::<J>,
            made_of: made_of::<J>,
            check: J::check,
            file,
            line,
            output: TypeOf::of::<J::Output>(),
            type_id: TypeId::of::<J>(),
        }
    }

    pub(crate) fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

fn run<J: Job>(call: Call) -> RunFuture {
    Box::pin(async move {
        let Call { args, input, hides_input, ctx } = call;
        let hides = !J::REDACTED.is_empty() || !J::ENCRYPTED.is_empty();
        let job: J = decode(&args, "arguments", hides)?;
        let input: J::Input =
            decode(input.as_deref().unwrap_or("null"), "input from its parents", hides_input)?;
        drop(args);
        let output = job.run(ctx.clone(), input).await?;
        let wrong = |message| JobError::failure(JobFailure::new(FailureKind::Output, message));
        let json = encode_output(&output)
            .map_err(|error| wrong(format!("the output does not encode as JSON: {error}")))?;
        json.map(|json| ctx.sealed(json, Part::Output)).transpose().map_err(wrong)
    })
}

fn made_of<J: Job>(args: &str) -> Result<Made, Error> {
    if !J::ENCRYPTED.is_empty() {
        // A constant of the program is no secret.
        return Err(Error::NoKeys { kind: J::NAME.to_owned() });
    }
    let job: J = serde_json::from_str(args)
        .map_err(|error| Error::EncodeArgs { kind: J::NAME.to_owned(), source: error.into() })?;
    let mut overrides = Overrides::default();
    overrides.add_kind(&job)?;
    Ok(Made { queue: job.queue(), options: overrides.to_json(J::NAME)? })
}

/// The decoder's message may show a value, which must not be where it is to be hidden.
fn decode<T: serde::de::DeserializeOwned>(
    json: &str,
    what: &str,
    hides: bool,
) -> Result<T, JobError> {
    serde_json::from_str(json).map_err(|error| {
        let problem = match hides {
            true => format!("something is wrong at column {}", error.column()),
            false => error.to_string(),
        };
        let ty = std::any::type_name::<T>();
        let message = format!("the stored {what} do not decode into {ty}: {problem}");
        JobError::failure(JobFailure::new(FailureKind::Undecodable, message))
    })
}

/// `None` for `()`, of which nothing need be stored.
pub(crate) fn encode_output<T: serde::Serialize + 'static>(
    output: &T,
) -> serde_json::Result<Option<String>> {
    match TypeId::of::<T>() == TypeId::of::<()>() {
        true => Ok(None),
        false => serde_json::to_string(output).map(Some),
    }
}

/// A recurring schedule, as the program declares it.
#[derive(Debug, Clone, Copy)]
pub struct RecurringRegistration {
    pub(crate) id: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) cron: &'static str,
    pub(crate) tz: &'static str,
    pub(crate) args: fn() -> Result<String, serde_json::Error>,
    pub(crate) misfire: Misfire,
    pub(crate) overlap: Overlap,
    pub(crate) jitter: Duration,
    pub(crate) paused: bool,
    pub(crate) file: &'static str,
    pub(crate) line: u32,
}

impl RecurringRegistration {
    /// A schedule for the kind `kind`, declared at this place.
    #[must_use]
    pub const fn new(
        id: &'static str,
        kind: &'static str,
        cron: &'static str,
        tz: &'static str,
        args: fn() -> Result<String, serde_json::Error>,
        file: &'static str,
        line: u32,
    ) -> Self {
        Self {
            id,
            kind,
            cron,
            tz,
            args,
            misfire: Misfire::Once,
            overlap: Overlap::Allow,
            jitter: Duration::ZERO,
            paused: false,
            file,
            line,
        }
    }

    /// What to do with runs missed while no server was up.
    #[must_use]
    pub const fn misfire(mut self, misfire: Misfire) -> Self {
        self.misfire = misfire;
        self
    }

    /// What to do when the last run is not over.
    #[must_use]
    pub const fn overlap(mut self, overlap: Overlap) -> Self {
        self.overlap = overlap;
        self
    }

    /// Delays each start by a random duration up to this.
    #[must_use]
    pub const fn jitter(mut self, jitter: Duration) -> Self {
        self.jitter = jitter;
        self
    }

    /// Whether the schedule starts paused.
    #[must_use]
    pub const fn paused(mut self, paused: bool) -> Self {
        self.paused = paused;
        self
    }

    pub(crate) fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// What to do with the occurrences that passed while no server was up.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Misfire {
    /// One run for all of them, at once.
    #[default]
    Once,
    /// One run for each of them, the newest 1,000 at most.
    All,
    /// No run.
    Skip,
}

/// What to do with an occurrence while the last run is not over.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Overlap {
    /// Start it all the same.
    #[default]
    Allow,
    /// Leave it out.
    Skip,
    /// Start it when the last run is over; one at most waits.
    Queue,
}

inventory::collect!(Registration);
inventory::collect!(RecurringRegistration);
