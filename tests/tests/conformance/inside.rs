//! What a job can use while it runs: state, layers, log, progress, steps.

use std::task::{Context, Poll};

use jobs_runtime::{
    FailureKind, JobCall, JobError, JobId, JobOutput, JobService, JobState, Runtime, WaitError,
};
use jobs_tests::{Bench, Probe};
use tower::{Layer, Service};

use super::jobs::{
    Action, block, chatter, in_steps, look_around, perform, report, with_changed_step,
    with_fatal_step, write_log,
};

pub(crate) async fn a_job_gets_what_it_injects(bench: Bench) {
    let _runtime = bench.start().await;
    let job = look_around::job().queue("last").retries(4).enqueue().await.unwrap();
    let seen = job.wait().await.unwrap();
    assert_eq!(seen, r#"look_around last 1 of 5 Some("processing") false"#);
    assert_eq!(bench.probe().runs(job.id()), 1);
}

pub(crate) async fn a_state_that_is_missing_is_named_at_the_start(bench: Bench) {
    let error = Runtime::builder(bench.storage().clone()).start().await.unwrap_err().to_string();
    assert!(error.contains("perform") && error.contains("Probe"), "{error}");
    assert!(error.contains("jobs.rs:"), "{error}");
}

pub(crate) async fn two_kinds_of_one_name_are_named_at_the_start(bench: Bench) {
    let error = bench.runtime().register::<Impostor>().start().await.unwrap_err().to_string();
    assert!(error.contains("`perform`") && error.contains("jobs.rs:"), "{error}");
}

#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Impostor;

impl jobs_runtime::Job for Impostor {
    type Output = ();
    type Input = jobs_runtime::NoInput;
    const NAME: &'static str = "perform";

    async fn run(
        self,
        _ctx: jobs_runtime::JobContext,
        _input: jobs_runtime::NoInput,
    ) -> Result<(), JobError> {
        Ok(())
    }
}

pub(crate) async fn a_blocking_job_runs_and_leaves_its_worker_to_others(bench: Bench) {
    let _runtime = bench.start().await;
    let jobs = [block::enqueue("go").await.unwrap(), block::enqueue("go").await.unwrap()];
    bench.hear("started").await;
    bench.hear("started").await;
    perform::enqueue(Action::ok()).await.unwrap().wait().await.unwrap();
    bench.probe().open("go");
    for job in jobs {
        assert_eq!(job.wait().await.unwrap(), 1);
    }
}

/// Notes each call under its name, and refuses one.
#[derive(Debug, Clone)]
struct Noting {
    name: &'static str,
    probe: Probe,
}

#[derive(Debug, Clone)]
struct Noted<S> {
    noting: Noting,
    inner: S,
}

impl Layer<JobService> for Noting {
    type Service = Noted<JobService>;

    fn layer(&self, inner: JobService) -> Self::Service {
        Noted { noting: self.clone(), inner }
    }
}

impl Service<JobCall> for Noted<JobService> {
    type Response = JobOutput;
    type Error = JobError;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<JobOutput, JobError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), JobError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, call: JobCall) -> Self::Future {
        let Noting { name, probe } = self.noting.clone();
        let ctx = call.context().clone();
        if call.args().contains("forbidden") {
            return Box::pin(async { Err(JobError::fatal("not allowed")) });
        }
        let run = self.inner.call(call);
        Box::pin(async move {
            probe.say(&ctx, format!("{name} before"));
            let output = run.await;
            probe.say(&ctx, format!("{name} after"));
            output
        })
    }
}

pub(crate) async fn layers_wrap_a_run_the_last_one_outermost(bench: Bench) {
    let noting = |name| Noting { name, probe: bench.probe().clone() };
    let runtime = bench.runtime().layer(noting("inner")).layer(noting("outer"));
    let _runtime = runtime.start().await.unwrap();
    perform::enqueue(Action::say("job")).await.unwrap().wait().await.unwrap();
    let said = bench.said().await;
    assert_eq!(said, ["outer before", "inner before", "job", "inner after", "outer after"]);
}

pub(crate) async fn a_layer_can_refuse_a_run(bench: Bench) {
    let noting = Noting { name: "guard", probe: bench.probe().clone() };
    let _runtime = bench.runtime().layer(noting).start().await.unwrap();
    let job = perform::enqueue(Action::say("forbidden")).await.unwrap();
    let Err(WaitError::Failed(failure)) = job.wait().await else { panic!("it failed") };
    assert_eq!(failure.message, "not allowed");
    assert_eq!(bench.probe().runs(job.id()), 0);
}

pub(crate) async fn log_and_progress_are_seen_while_the_job_runs(bench: Bench) {
    let _runtime = bench.start().await;
    let job = report::enqueue(3).await.unwrap();
    bench.hear("started").await;
    assert_eq!(bench.state(&job).await, JobState::Processing);
    bench.until(async || lines(&bench, job.id()).await == ["line 1", "line 2", "line 3"]).await;
    assert_eq!(bench.record(job.id()).await.progress, Some((3, 3)));
    bench.probe().open("report");
    job.wait().await.unwrap();
}

pub(crate) async fn log_takes_any_text(bench: Bench) {
    let _runtime = bench.start().await;
    for (line, kept) in
        [("", ""), ("'; --", "'; --"), ("größe\n2", "größe\n2"), ("a\0b", "a\u{fffd}b")]
    {
        let job = write_log::enqueue(line).await.unwrap();
        job.wait().await.unwrap();
        assert_eq!(lines(&bench, job.id()).await, [kept]);
    }
    let job = write_log::enqueue("ü".repeat(8_000)).await.unwrap();
    job.wait().await.unwrap();
    assert_eq!(lines(&bench, job.id()).await[0].len(), 8 * 1024);
}

pub(crate) async fn the_log_is_read_on_from_a_line(bench: Bench) {
    let client = bench.client();
    let _runtime = bench.start().await;
    let job = chatter::enqueue(3, 4).await.unwrap();
    job.wait().await.unwrap();
    write_log::enqueue("of another").await.unwrap().wait().await.unwrap();
    let all = client.history(job.id()).await.unwrap().log;
    assert!(all.windows(2).all(|pair| pair[0].key < pair[1].key), "{all:?}");
    assert_eq!(client.log_length(job.id()).await.unwrap(), all.len() as u64);
    let behind = async |after, limit| client.log_lines(job.id(), after, limit).await.unwrap();
    assert_eq!(behind(None, 100).await, all);
    // The latest ones, if there are more.
    assert_eq!(behind(None, 2).await, all[all.len() - 2..]);
    assert_eq!(behind(Some(all[0].key), 100).await, all[1..]);
    assert!(behind(Some(all[all.len() - 1].key), 100).await.is_empty());
}

async fn lines(bench: &Bench, job: JobId) -> Vec<String> {
    let log = bench.client().history(job).await.unwrap().log;
    log.into_iter().map(|line| line.text).collect()
}

pub(crate) async fn a_job_that_has_ended_has_all_its_lines_in_order(bench: Bench) {
    let _runtime = bench.start().await;
    let requests = (0..40).map(|_| chatter::job(3, 4));
    let jobs = bench.client().enqueue_all(requests).await.unwrap();
    for job in jobs {
        job.wait().await.unwrap();
        let log = bench.client().history(job.id()).await.unwrap().log;
        let texts: Vec<_> = log.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["0", "1", "2", "3", "4", "5", "6"]);
        let runs: Vec<_> = log.iter().map(|line| line.run).collect();
        assert_eq!(runs, [0, 0, 0, 1, 1, 1, 1]);
    }
}

pub(crate) async fn the_log_of_a_job_is_cut_at_its_limit(bench: Bench) {
    let _runtime = bench.start().await;
    let jobs = [(9_999, 3), (9_998, 1), (9_999, 1), (3, 10_500)];
    for (first, second) in jobs {
        let job = chatter::enqueue(first, second).await.unwrap();
        job.wait().await.unwrap();
        let lines = lines(&bench, job.id()).await;
        let said = (first + second) as usize;
        assert_eq!(lines.len(), said.min(10_000));
        let kept = if said < 10_000 { said } else { 9_999 };
        assert!((0..kept).all(|line| lines[line] == line.to_string()));
        assert!(lines.get(9_999).is_none_or(|last| last.starts_with("(cut here")), "{lines:?}");
    }
}

pub(crate) async fn a_retry_does_not_run_a_step_again(bench: Bench) {
    let _runtime = bench.start().await;
    let job = in_steps::enqueue().await.unwrap();
    assert_eq!(job.wait().await.unwrap(), 11);
    assert_eq!(bench.probe().count("charge"), 1);
    assert_eq!(bench.probe().count("mail"), 1);
    assert_eq!(bench.client().history(job.id()).await.unwrap().runs.len(), 2);
}

pub(crate) async fn steps_of_two_jobs_are_told_apart(bench: Bench) {
    let _runtime = bench.start().await;
    let first = in_steps::enqueue().await.unwrap();
    assert_eq!(first.wait().await.unwrap(), 11);
    let second = in_steps::enqueue().await.unwrap();
    assert_eq!(second.wait().await.unwrap(), 22);
}

pub(crate) async fn a_step_whose_output_has_another_type_is_named(bench: Bench) {
    let _runtime = bench.start().await;
    let job = with_changed_step::enqueue().await.unwrap();
    let Err(WaitError::Failed(failure)) = job.wait().await else { panic!("it failed") };
    let text = failure.to_string();
    assert!(text.contains("`amount`") && text.contains("u32"), "{text}");
    assert_eq!(failure.kind, FailureKind::Error);
}

pub(crate) async fn a_mark_survives_a_step(bench: Bench) {
    let _runtime = bench.start().await;
    let job = with_fatal_step::enqueue().await.unwrap();
    let Err(WaitError::Failed(failure)) = job.wait().await else { panic!("it failed") };
    assert_eq!(failure.to_string(), "step `charge` failed: card refused");
    assert_eq!(bench.client().history(job.id()).await.unwrap().runs.len(), 1);
}
