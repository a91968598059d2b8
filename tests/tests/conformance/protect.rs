//! Arguments that are not for every eye.

use jobs_runtime::prelude::*;
use jobs_runtime::{FailureKind, JobState, WaitError};
use jobs_tests::Bench;

use super::jobs::{Action, perform};

pub(crate) const SECRET: &str = "correct horse battery staple";

#[job(retries = 0)]
pub(crate) async fn sign_in(
    user: u32,
    #[redact]
    #[serde(rename = "pass")]
    password: String,
) -> usize {
    password.len() + user as usize
}

/// The same kind as a newer release has it.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct NewerSignIn {
    user: u32,
    pass: String,
}

impl Job for NewerSignIn {
    type Output = usize;
    type Input = jobs_runtime::NoInput;
    const NAME: &'static str = "sign_in";
    const REDACTED: &'static [&'static str] = &["pass", "user"];

    async fn run(self, _: JobContext, _: jobs_runtime::NoInput) -> Result<usize, JobError> {
        Ok(0)
    }
}

pub(crate) async fn redacted_arguments_are_stored_and_not_shown(bench: Bench) {
    let request = sign_in::job(7, SECRET);
    assert!(!format!("{request:?}").contains(SECRET), "{request:?}");
    let job = request.enqueue().await.unwrap();
    assert_eq!(bench.record(job.id()).await.args, r#"{"user":7,"pass":"•••"}"#);
    let listed = &bench.client().recent(1).await.unwrap()[0];
    assert_eq!(listed.args, r#"{"user":7,"pass":"•••"}"#);
    let _runtime = bench.start().await;
    assert_eq!(job.wait().await.unwrap(), SECRET.len() + 7);
}

pub(crate) async fn a_schedule_does_not_show_redacted_arguments(bench: Bench) {
    let schedule = RecurringJob::new("nightly", "0 3 * * *", sign_in::job(7, SECRET));
    schedule.add_or_update().await.unwrap();
    let listed = &RecurringJob::list().await.unwrap()[0];
    assert_eq!(listed.args, r#"{"user":7,"pass":"•••"}"#);
    let job = RecurringJob::trigger("nightly").await.unwrap().unwrap();
    assert_eq!(bench.record(job.id()).await.args, r#"{"user":7,"pass":"•••"}"#);
    let _runtime = bench.start().await;
    bench.until_state(&job, JobState::Succeeded).await;
}

#[job(retries = 0)]
pub(crate) async fn count_pin(#[redact] pin: String) -> usize {
    pin.len()
}

/// A release in which the argument has another type.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct NumberedPin {
    #[serde(rename = "pin")]
    pin: u64,
}

impl Job for NumberedPin {
    type Output = usize;
    type Input = jobs_runtime::NoInput;
    const NAME: &'static str = "count_pin";
    const REDACTED: &'static [&'static str] = &["pin"];

    async fn run(self, _: JobContext, _: jobs_runtime::NoInput) -> Result<usize, JobError> {
        Ok(0)
    }
}

pub(crate) async fn a_value_that_does_not_decode_is_not_shown_either(bench: Bench) {
    let job = JobRequest::new(NumberedPin { pin: 8_675_309 }).enqueue().await.unwrap();
    let _runtime = bench.start().await;
    let Err(WaitError::Failed(failure)) = job.wait().await else { panic!("it was parked") };
    assert_eq!(failure.kind, FailureKind::Undecodable);
    assert!(failure.message.contains("at column"), "{failure}");
    assert!(!failure.to_string().contains("8675309"), "{failure}");
}

pub(crate) async fn a_replaced_job_hides_what_the_new_one_hides(bench: Bench) {
    let unique = || Unique::key("one".to_owned()).on_conflict(OnConflict::Replace);
    let newer = NewerSignIn { user: 7, pass: SECRET.to_owned() };
    let old = sign_in::job(7, "old").unique(unique()).enqueue().await.unwrap();
    JobRequest::new(newer).unique(unique()).enqueue().await.unwrap();
    assert_eq!(bench.record(old.id()).await.args, r#"{"user":"•••","pass":"•••"}"#);
    let plain = perform::enqueue(Action::ok()).await.unwrap();
    assert_eq!(bench.record(plain.id()).await.args, r#"{"action":{"Say":"done"}}"#);
}
