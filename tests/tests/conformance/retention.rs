//! How long settled jobs are kept, and jobs that nobody can run.

use jobs_runtime::{
    Client, FailureKind, Job, JobContext, JobError, JobRequest, JobState, NoInput, Retention,
    RuntimeBuilder, WaitError,
};
use jobs_tests::Bench;
use serde::{Deserialize, Serialize};

use super::jobs::{Action, fail_and_go, perform};
use super::times::{DAY, HOUR, SECOND};

/// A kind that is registered nowhere.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Stranger {
    text: String,
}

impl Job for Stranger {
    type Output = String;
    type Input = NoInput;
    const NAME: &'static str = "stranger";

    async fn run(self, _ctx: JobContext, _input: NoInput) -> Result<String, JobError> {
        Ok(self.text)
    }
}

/// Another one.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Alien;

impl Job for Alien {
    type Output = ();
    type Input = NoInput;
    const NAME: &'static str = "alien";

    async fn run(self, _ctx: JobContext, _input: NoInput) -> Result<(), JobError> {
        Ok(())
    }
}

/// Jobs of kinds that are registered, as an earlier release of the program stored them.
#[derive(Debug, Serialize, Deserialize)]
struct Former {
    text: String,
}

impl Job for Former {
    type Output = String;
    type Input = NoInput;
    const NAME: &'static str = "former";

    async fn run(self, _ctx: JobContext, _input: NoInput) -> Result<String, JobError> {
        Ok(String::new())
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Grown {
    text: String,
}

impl Job for Grown {
    type Output = String;
    type Input = NoInput;
    const NAME: &'static str = "grown";

    async fn run(self, _ctx: JobContext, _input: NoInput) -> Result<String, JobError> {
        Ok(String::new())
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Shrunk {
    other: u32,
}

impl Job for Shrunk {
    type Output = String;
    type Input = NoInput;
    const NAME: &'static str = "grown";

    async fn run(self, _ctx: JobContext, _input: NoInput) -> Result<String, JobError> {
        Ok(String::new())
    }
}

fn stranger() -> JobRequest<Stranger> {
    JobRequest::new(Stranger { text: "hello".to_owned() })
}

fn sweeping(bench: &Bench) -> RuntimeBuilder {
    bench.runtime().sweep_every(SECOND / 50)
}

async fn until_gone<T>(bench: &Bench, job: &jobs_runtime::JobHandle<T>) {
    bench.until(async || bench.find(job.id()).await.is_none()).await;
}

pub(crate) async fn what_is_final_goes_after_a_day_and_what_failed_stays(bench: Bench) {
    let runtime = sweeping(&bench).start().await.unwrap();
    let succeeded = perform::enqueue(Action::ok()).await.unwrap();
    let failed = perform::job(Action::fail()).retries(0).enqueue().await.unwrap();
    let deleted = perform::schedule_in(HOUR, Action::ok()).await.unwrap();
    let dropped = fail_and_go::enqueue().await.unwrap();
    let waiting = perform::schedule_in(9 * DAY, Action::ok()).await.unwrap();
    deleted.cancel().await.unwrap();
    succeeded.wait().await.unwrap();
    failed.wait().await.unwrap_err();
    dropped.wait().await.unwrap_err();
    bench.advance(DAY - HOUR).await;
    let early = perform::job(Action::ok()).keep(SECOND).enqueue().await.unwrap();
    early.wait().await.unwrap();
    bench.advance(2 * SECOND).await;
    until_gone(&bench, &early).await;
    assert_eq!(bench.state(&succeeded).await, JobState::Succeeded);
    assert_eq!(bench.state(&deleted).await, JobState::Deleted);
    bench.advance(HOUR).await;
    until_gone(&bench, &succeeded).await;
    until_gone(&bench, &deleted).await;
    until_gone(&bench, &dropped).await;
    assert_eq!(bench.state(&failed).await, JobState::Failed);
    assert_eq!(bench.state(&waiting).await, JobState::Scheduled);
    let history = bench.client().history(succeeded.id()).await.unwrap();
    assert!(history.runs.is_empty() && history.events.is_empty() && history.log.is_empty());
    assert!(matches!(succeeded.wait().await, Err(WaitError::Gone(_))));
    drop(runtime);
}

pub(crate) async fn a_runtime_can_keep_jobs_for_other_times(bench: Bench) {
    let retention = Retention::default().succeeded(3 * DAY).deleted(HOUR).failed(Some(2 * HOUR));
    let runtime = sweeping(&bench).retention(retention.clone()).start().await.unwrap();
    let client = Client::with(bench.storage().clone(), jobs_runtime::Limits::default(), retention);
    let succeeded = perform::enqueue(Action::ok()).await.unwrap();
    let failed = perform::job(Action::fail()).retries(0).enqueue().await.unwrap();
    let deleted = perform::schedule_in(HOUR, Action::ok()).await.unwrap();
    client.delete(deleted.id(), None).await.unwrap();
    succeeded.wait().await.unwrap();
    failed.wait().await.unwrap_err();
    bench.advance(HOUR + SECOND).await;
    until_gone(&bench, &deleted).await;
    assert_eq!(bench.state(&failed).await, JobState::Failed);
    bench.advance(HOUR).await;
    until_gone(&bench, &failed).await;
    assert_eq!(bench.state(&succeeded).await, JobState::Succeeded);
    bench.advance(3 * DAY).await;
    until_gone(&bench, &succeeded).await;
    drop(runtime);
}

pub(crate) async fn a_failed_parent_that_is_removed_takes_its_waiting_children_along(bench: Bench) {
    let retention = Retention::default().failed(Some(HOUR));
    let _runtime = sweeping(&bench).retention(retention).start().await.unwrap();
    let parent = perform::job(Action::fail()).retries(0).enqueue().await.unwrap();
    let child = perform::continue_with(&parent, Action::ok()).await.unwrap();
    parent.wait().await.unwrap_err();
    assert_eq!(bench.state(&child).await, JobState::Awaiting);
    bench.advance(HOUR + SECOND).await;
    until_gone(&bench, &parent).await;
    let record = bench.record(child.id()).await;
    assert_eq!(record.placement.state, JobState::Deleted);
    assert!(record.reason.unwrap().contains(&parent.id().to_string()));
}

pub(crate) async fn a_job_can_be_kept_for_a_time_of_its_own(bench: Bench) {
    let _runtime = sweeping(&bench).start().await.unwrap();
    let long = perform::job(Action::ok()).keep(9 * DAY).enqueue().await.unwrap();
    let short = perform::job(Action::ok()).keep(HOUR).enqueue().await.unwrap();
    let usual = perform::enqueue(Action::ok()).await.unwrap();
    for job in [&long, &short, &usual] {
        job.wait().await.unwrap();
    }
    bench.advance(2 * HOUR).await;
    until_gone(&bench, &short).await;
    bench.advance(DAY).await;
    until_gone(&bench, &usual).await;
    assert_eq!(bench.state(&long).await, JobState::Succeeded);
    bench.advance(9 * DAY).await;
    until_gone(&bench, &long).await;
}

pub(crate) async fn a_requeued_job_is_not_removed_by_its_former_end(bench: Bench) {
    let runtime = bench.start().await;
    let job = perform::enqueue(Action::ok()).await.unwrap();
    job.wait().await.unwrap();
    runtime.shutdown().await.unwrap();
    bench.client().reschedule(job.id(), chrono::Utc::now() + 9 * DAY, None).await.unwrap();
    let other = perform::enqueue(Action::ok()).await.unwrap();
    let _runtime = sweeping(&bench).start().await.unwrap();
    other.wait().await.unwrap();
    bench.advance(2 * DAY).await;
    until_gone(&bench, &other).await;
    assert_eq!(bench.state(&job).await, JobState::Scheduled);
    bench.advance(8 * DAY).await;
    assert_eq!(job.wait().await.unwrap(), "done");
}

pub(crate) async fn a_kind_that_no_server_knows_waits_and_is_then_parked(bench: Bench) {
    let runtime = sweeping(&bench).park_after(HOUR).start().await.unwrap();
    let job = stranger().enqueue().await.unwrap();
    perform::enqueue(Action::ok()).await.unwrap().wait().await.unwrap();
    runtime.drain().await.unwrap();
    assert_eq!(bench.state(&job).await, JobState::Enqueued);
    bench.advance(2 * HOUR).await;
    let Err(WaitError::Failed(failure)) = job.wait().await else { panic!("it was parked") };
    assert_eq!(failure.kind, FailureKind::UnknownKind);
    assert!(failure.message.contains("stranger"), "{failure}");
    let event = bench.client().history(job.id()).await.unwrap().events.pop().unwrap();
    assert_eq!((event.from, event.to), (JobState::Enqueued, JobState::Failed));
    runtime.shutdown().await.unwrap();

    let _newer = bench.runtime().register::<Stranger>().start().await.unwrap();
    job.requeue().await.unwrap();
    assert_eq!(job.wait().await.unwrap(), "hello");
}

pub(crate) async fn a_kind_that_another_live_server_knows_is_not_parked(bench: Bench) {
    let job = stranger().enqueue().await.unwrap();
    let alien = JobRequest::new(Alien).enqueue().await.unwrap();
    bench.advance(2 * HOUR).await;
    let knows = bench.runtime().register::<Stranger>().queues(["elsewhere"]);
    let _knows = knows.start().await.unwrap();
    let _sweeps = sweeping(&bench).park_after(HOUR).start().await.unwrap();
    bench.until_state(&alien, JobState::Failed).await;
    assert_eq!(bench.state(&job).await, JobState::Enqueued);
}

pub(crate) async fn after_a_long_silence_a_kind_that_is_known_is_not_parked(bench: Bench) {
    // The server lives, but its next heartbeat is not due yet: as when the database, or the
    // machine, comes back after a while.
    bench.client().pause_queue("first").await.unwrap();
    let job = perform::job(Action::ok()).queue("first").enqueue().await.unwrap();
    let alien = JobRequest::new(Alien).enqueue().await.unwrap();
    let runtime = sweeping(&bench).park_after(HOUR).heartbeat_every(HOUR).start().await.unwrap();
    bench.advance(2 * HOUR).await;
    bench.until_state(&alien, JobState::Failed).await;
    assert_eq!(bench.state(&job).await, JobState::Enqueued);
    drop(runtime);
}

pub(crate) async fn a_job_stored_under_a_former_name_is_run(bench: Bench) {
    let _runtime = bench.start().await;
    let job = JobRequest::new(Former { text: "hello".to_owned() }).enqueue().await.unwrap();
    assert_eq!(bench.record(job.id()).await.kind, "former");
    assert_eq!(job.wait().await.unwrap(), "hello");
}

pub(crate) async fn arguments_that_lack_a_newer_parameter_get_its_default(bench: Bench) {
    let _runtime = bench.start().await;
    let job = JobRequest::new(Grown { text: "hello".to_owned() }).enqueue().await.unwrap();
    assert_eq!(job.wait().await.unwrap(), "hello × 0");
}

pub(crate) async fn arguments_that_do_not_decode_are_parked_with_the_reason(bench: Bench) {
    let _runtime = bench.start().await;
    let job = JobRequest::new(Shrunk { other: 7 }).enqueue().await.unwrap();
    let Err(WaitError::Failed(failure)) = job.wait().await else { panic!("it was parked") };
    assert_eq!(failure.kind, FailureKind::Undecodable);
    assert!(failure.message.contains("missing field `text`"), "{failure}");
    assert_eq!(bench.state(&job).await, JobState::Failed);
    assert_eq!(bench.client().history(job.id()).await.unwrap().runs.len(), 1);
}
