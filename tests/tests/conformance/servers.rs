//! Servers that die, and those that only seemed to.

use jobs_runtime::{FailureKind, JobId, JobState, Runtime, RuntimeBuilder};
use jobs_tests::Bench;

use super::jobs::{Action, double, numbered, perform};
use super::times::{HOUR, SECOND};

/// A server that declares others dead within seconds.
pub(crate) fn rescuer(bench: &Bench) -> RuntimeBuilder {
    bench.runtime().heartbeat_every(SECOND / 20).dead_after(SECOND)
}

/// A server that is never heard of again after its start, though it goes on.
pub(crate) async fn silent(bench: &Bench) -> Runtime {
    bench.runtime().heartbeat_every(HOUR).dead_after(2 * HOUR).start().await.unwrap()
}

pub(crate) async fn the_jobs_of_a_server_that_died_are_run_by_another(bench: Bench) {
    let dying = bench.start().await;
    let job = numbered::enqueue().await.unwrap();
    bench.hear("run 1").await;
    drop(dying);
    bench.advance(HOUR).await;
    bench.probe().open("second");
    bench.probe().open("third");
    let _runtime = rescuer(&bench).start().await.unwrap();
    assert!(job.wait().await.unwrap() >= 2);
    let history = bench.client().history(job.id()).await.unwrap();
    let told = history.events.iter().any(|event| event.reason.contains("died"))
        || history.runs.iter().any(|run| {
            run.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::Died)
        });
    assert!(told, "{history:?}");
}

pub(crate) async fn jobs_that_had_not_started_lose_no_attempt(bench: Bench) {
    let dying = bench.runtime().workers(1).start().await.unwrap();
    let jobs = (0..20).map(|_| perform::job(Action::gate("go")).retries(0));
    let jobs = bench.client().enqueue_all(jobs).await.unwrap();
    bench.hear("started").await;
    drop(dying);
    bench.advance(HOUR).await;
    bench.probe().open("go");
    let runtime = rescuer(&bench).start().await.unwrap();
    for job in &jobs[1..] {
        assert_eq!(job.wait().await.unwrap(), "go");
        let runs = bench.client().history(job.id()).await.unwrap().runs;
        assert_eq!(runs.len(), 1);
    }
    runtime.shutdown().await.unwrap();
}

/// Two jobs, of which the first is running; both are heard of again in their order. No heartbeat
/// says that it runs: it would then be charged an attempt for the death, and lose its place.
async fn two_in_a_row(bench: &Bench) -> (Runtime, [JobId; 2]) {
    let runtime = bench.runtime().workers(1).heartbeat_every(HOUR);
    let runtime = runtime.grace(SECOND / 100).cancel_grace(SECOND / 100);
    let runtime = runtime.start().await.unwrap();
    let first = perform::enqueue(Action::gate("go")).await.unwrap();
    bench.hear("started").await;
    let second = perform::enqueue(Action::gate("go")).await.unwrap();
    (runtime, [first.id(), second.id()])
}

async fn are_run_in_this_order(bench: &Bench, jobs: [JobId; 2]) {
    bench.probe().open("go");
    let _runtime = bench.runtime().workers(1).start().await.unwrap();
    for job in jobs {
        assert_eq!(bench.hear("started").await.job, job);
    }
}

pub(crate) async fn a_rescued_job_has_its_former_place(bench: Bench) {
    let (dying, jobs) = two_in_a_row(&bench).await;
    drop(dying);
    bench.advance(HOUR).await;
    let rescuer = rescuer(&bench).queues(["elsewhere"]).start().await.unwrap();
    let first = bench.client().handle::<String>(jobs[0]);
    bench.until_state(&first, JobState::Enqueued).await;
    rescuer.shutdown().await.unwrap();
    are_run_in_this_order(&bench, jobs).await;
}

pub(crate) async fn a_job_put_back_by_a_shutdown_has_its_former_place(bench: Bench) {
    let (ending, jobs) = two_in_a_row(&bench).await;
    ending.shutdown().await.unwrap();
    are_run_in_this_order(&bench, jobs).await;
}

pub(crate) async fn a_late_completion_changes_nothing(bench: Bench) {
    let zombie = silent(&bench).await;
    let job = numbered::enqueue().await.unwrap();
    bench.hear("run 1").await;
    bench.advance(3 * HOUR).await;
    let _runtime = rescuer(&bench).start().await.unwrap();
    bench.hear("run 2").await;
    bench.probe().open("second");
    bench.probe().open("third");
    let accepted = job.wait().await.unwrap();
    assert!(accepted >= 2);
    bench.probe().open("first");
    zombie.shutdown().await.unwrap();
    assert_eq!(bench.client().handle::<u32>(job.id()).wait().await.unwrap(), accepted);
    let runs = bench.client().history(job.id()).await.unwrap().runs;
    let outputs: Vec<_> = runs.iter().filter_map(|run| run.output.as_deref()).collect();
    assert_eq!(outputs, [accepted.to_string()]);
}

pub(crate) async fn a_late_completion_does_not_end_the_run_of_another_server(bench: Bench) {
    let zombie = silent(&bench).await;
    let job = numbered::enqueue().await.unwrap();
    bench.hear("run 1").await;
    bench.advance(3 * HOUR).await;
    let _runtime = rescuer(&bench).start().await.unwrap();
    bench.hear("run 2").await;
    bench.probe().open("first");
    zombie.shutdown().await.unwrap();
    assert_ne!(bench.state(&job).await, JobState::Succeeded);
    bench.probe().open("second");
    bench.probe().open("third");
    assert!(job.wait().await.unwrap() >= 2);
}

pub(crate) async fn a_server_that_dies_after_it_was_declared_dead_takes_no_job_along(bench: Bench) {
    let zombie = silent(&bench).await;
    let job = numbered::enqueue().await.unwrap();
    bench.hear("run 1").await;
    bench.advance(3 * HOUR).await;
    let _rescuer = rescuer(&bench).queues(["elsewhere"]).start().await.unwrap();
    bench
        .until(async || {
            let history = bench.client().history(job.id()).await.unwrap();
            !history.events.is_empty() || !history.runs.is_empty()
        })
        .await;
    // It does not know yet, and may reach for what it finds in the line.
    let other = perform::enqueue(Action::ok()).await.unwrap();
    perform::job(Action::ok()).queue("elsewhere").enqueue().await.unwrap().wait().await.unwrap();
    drop(zombie);
    for gate in ["second", "third"] {
        bench.probe().open(gate);
    }
    let _next = bench.start().await;
    assert!(job.wait().await.unwrap() >= 2);
    assert_eq!(other.wait().await.unwrap(), "done");
}

pub(crate) async fn a_server_declared_dead_announces_itself_again(bench: Bench) {
    let server = bench.runtime().heartbeat_every(2 * SECOND).dead_after(HOUR);
    let server = server.cancel_grace(SECOND / 100).start().await.unwrap();
    let before = server.server_id();
    let job = perform::enqueue(Action::UntilTold).await.unwrap();
    bench.hear("started").await;
    let token = bench.probe().token(job.id());
    // Takes no queue that matters, so that the job comes back to the first server.
    let other = rescuer(&bench).queues(["elsewhere"]).start().await.unwrap();
    bench.until(async || server.server_id() != before).await;
    token.cancelled().await;
    other.shutdown().await.unwrap();
    bench.until(async || bench.probe().runs(job.id()) >= 2).await;
    job.cancel().await.unwrap();
    assert_eq!(double::enqueue(4).await.unwrap().wait().await.unwrap(), 8);
}

pub(crate) async fn a_server_that_beats_keeps_its_jobs(bench: Bench) {
    let _runtime = bench.start().await;
    let job = perform::enqueue(Action::gate("go")).await.unwrap();
    bench.hear("started").await;
    // Another server dies meanwhile, and its job shows that the dead were looked for.
    let dying = bench.runtime().queues(["elsewhere"]).start().await.unwrap();
    let other = numbered::job().queue("elsewhere").enqueue().await.unwrap();
    bench.hear("run 1").await;
    drop(dying);
    for gate in ["second", "third"] {
        bench.probe().open(gate);
    }
    let patient = bench.runtime().heartbeat_every(SECOND / 20).dead_after(3 * SECOND);
    let _patient = patient.queues(["elsewhere"]).start().await.unwrap();
    other.wait().await.unwrap();
    assert_eq!(bench.state(&job).await, JobState::Processing);
    assert_eq!(bench.probe().runs(job.id()), 1);
    bench.probe().open("go");
    job.wait().await.unwrap();
}

pub(crate) async fn two_servers_share_the_work_and_run_each_job_once(bench: Bench) {
    let _first = bench.start().await;
    let other = bench.another_storage().await;
    let _second = bench.runtime_on(other).start().await.unwrap();
    let jobs = bench.client().enqueue_all((0..500).map(|_| perform::job(Action::ok()))).await;
    for job in jobs.unwrap() {
        job.wait().await.unwrap();
        assert_eq!(bench.probe().runs(job.id()), 1);
    }
}

pub(crate) async fn after_a_shutdown_another_server_takes_over_at_once(bench: Bench) {
    let first = bench.start().await;
    first.shutdown().await.unwrap();
    let _second = bench.start().await;
    assert_eq!(double::enqueue(3).await.unwrap().wait().await.unwrap(), 6);
}

pub(crate) async fn a_client_alone_runs_nothing(bench: Bench) {
    let job = double::enqueue(1).await.unwrap();
    let other = perform::schedule_in(HOUR, Action::ok()).await.unwrap();
    bench.advance(2 * HOUR).await;
    assert_eq!(bench.state(&job).await, JobState::Enqueued);
    assert_eq!(bench.state(&other).await, JobState::Scheduled);
    let _runtime = bench.start().await;
    assert_eq!(job.wait().await.unwrap(), 2);
    assert_eq!(other.wait().await.unwrap(), "done");
}

pub(crate) async fn a_server_that_is_asked_to_stop_ends_in_order(bench: Bench) {
    let client = bench.client();
    assert!(!client.stop_server(4_711).await.unwrap());
    let runtime = bench.start().await;
    let server = runtime.server_id();
    let running = perform::enqueue(Action::gate("end")).await.unwrap();
    bench.hear("started").await;
    assert!(client.stop_server(server).await.unwrap());
    runtime.asked_to_stop().await;
    let waits = perform::enqueue(Action::ok()).await.unwrap();
    let told = client.servers().await.unwrap().remove(0);
    assert!(told.stopping && !told.gone, "{told:?}");
    let ending = tokio::spawn(runtime.run_until_signal());
    bench.probe().open("end");
    ending.await.unwrap().unwrap();
    assert_eq!(bench.state(&running).await, JobState::Succeeded);
    assert_eq!(bench.state(&waits).await, JobState::Enqueued);
    assert!(client.servers().await.unwrap()[0].gone);
    assert!(!client.stop_server(server).await.unwrap());
}

pub(crate) async fn a_server_tells_how_much_it_takes_of_its_machine(bench: Bench) {
    let _runtime = bench.start().await;
    let server = async || bench.client().servers().await.unwrap().remove(0);
    bench.until(async || server().await.cpu.is_some()).await;
    let told = server().await;
    assert!(told.memory.is_some_and(|bytes| bytes > 1 << 20), "{told:?}");
    assert!(told.cpu.is_some_and(|cpu| (0.0..1_000.0).contains(&cpu)), "{told:?}");
}
