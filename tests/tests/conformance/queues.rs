//! Queues, their order, priorities, pauses and limits.

use jobs_runtime::JobState;
use jobs_tests::{Bench, Own};

use super::jobs::{Action, double, keep_on, perform, templated};
use super::times::HOUR;

async fn say_in(queue: &str, text: &str) {
    perform::job(Action::say(text)).queue(queue).enqueue().await.unwrap();
}

async fn heard(bench: &Bench, count: usize) -> Vec<String> {
    let mut heard = Vec::new();
    for _ in 0..count {
        heard.push(bench.heard().await.text);
    }
    heard
}

pub(crate) async fn queues_are_served_in_strict_order(bench: Bench) {
    for (queue, text) in [
        ("last", "5"),
        ("default", "3"),
        ("first", "1"),
        ("last", "6"),
        ("default", "4"),
        ("first", "2"),
    ] {
        say_in(queue, text).await;
    }
    let _runtime = bench.runtime().workers(1).start().await.unwrap();
    assert_eq!(heard(&bench, 6).await, ["1", "2", "3", "4", "5", "6"]);
}

pub(crate) async fn a_queue_that_is_not_named_is_not_served(bench: Bench) {
    let job = perform::job(Action::ok()).queue("elsewhere").enqueue().await.unwrap();
    let runtime = bench.start().await;
    perform::enqueue(Action::ok()).await.unwrap().wait().await.unwrap();
    runtime.drain().await.unwrap();
    assert_eq!(bench.state(&job).await, JobState::Enqueued);
    let _other = bench.runtime().queues(["elsewhere"]).start().await.unwrap();
    assert_eq!(job.wait().await.unwrap(), "done");
}

pub(crate) async fn weighted_queues_starve_nobody(bench: Bench) {
    for _ in 0..3 {
        keep_on::job().queue("first").enqueue().await.unwrap();
    }
    let weights = [("first", 3), ("last", 1)];
    let runtime = bench.runtime().weighted_queues(weights).workers(1).start().await.unwrap();
    bench.hear("more").await;
    let job = perform::job(Action::ok()).queue("last").enqueue().await.unwrap();
    assert_eq!(job.wait().await.unwrap(), "done");
    bench.probe().tally("enough");
    runtime.drain().await.unwrap();
    assert_eq!(bench.client().counts().await.unwrap().enqueued, 0);
}

pub(crate) async fn a_larger_priority_goes_first_and_equals_keep_their_order(bench: Bench) {
    for (priority, text) in
        [(0, "4"), (5, "2"), (-3, "6"), (5, "3"), (i16::MAX, "1"), (0, "5"), (i16::MIN, "7")]
    {
        perform::job(Action::say(text)).priority(priority).enqueue().await.unwrap();
    }
    let _runtime = bench.runtime().workers(1).start().await.unwrap();
    assert_eq!(heard(&bench, 7).await, ["1", "2", "3", "4", "5", "6", "7"]);
}

pub(crate) async fn a_queue_is_first_in_first_out(bench: Bench) {
    let texts: Vec<String> = (0..50).map(|n| n.to_string()).collect();
    for text in &texts[..25] {
        say_in("default", text).await;
    }
    let requests = texts[25..].iter().map(|text| perform::job(Action::say(text)));
    bench.client().enqueue_all(requests).await.unwrap();
    let _runtime = bench.runtime().workers(1).start().await.unwrap();
    assert_eq!(heard(&bench, 50).await, texts);
}

pub(crate) async fn a_paused_queue_waits_until_it_is_resumed(bench: Bench) {
    bench.client().pause_queue("first").await.unwrap();
    let job = perform::job(Action::ok()).queue("first").enqueue().await.unwrap();
    let runtime = bench.start().await;
    perform::enqueue(Action::ok()).await.unwrap().wait().await.unwrap();
    runtime.drain().await.unwrap();
    assert_eq!(bench.state(&job).await, JobState::Enqueued);
    bench.client().resume_queue("first").await.unwrap();
    assert_eq!(job.wait().await.unwrap(), "done");
}

pub(crate) async fn a_queue_can_be_paused_while_it_is_served(bench: Bench) {
    let runtime = bench.start().await;
    perform::job(Action::ok()).queue("first").enqueue().await.unwrap().wait().await.unwrap();
    bench.client().pause_queue("first").await.unwrap();
    bench.client().pause_queue("first").await.unwrap();
    let job = perform::job(Action::ok()).queue("first").enqueue().await.unwrap();
    perform::enqueue(Action::ok()).await.unwrap().wait().await.unwrap();
    runtime.drain().await.unwrap();
    assert_eq!(bench.state(&job).await, JobState::Enqueued);
    bench.client().resume_queue("first").await.unwrap();
    assert_eq!(job.wait().await.unwrap(), "done");
}

pub(crate) async fn a_queue_limit_holds_and_leaves_workers_to_others(bench: Bench) {
    let runtime = bench.runtime().queue_limit("first", 1).start().await.unwrap();
    let jobs = (0..3).map(|_| perform::job(Action::gate("go")).queue("first"));
    let jobs = bench.client().enqueue_all(jobs).await.unwrap();
    assert_eq!(bench.heard().await.text, "started");
    for n in 0..5 {
        double::enqueue(n).await.unwrap().wait().await.unwrap();
    }
    assert!(bench.said().await.is_empty(), "a second one was started");
    bench.probe().open("go");
    for job in jobs {
        assert_eq!(job.wait().await.unwrap(), "go");
    }
    runtime.drain().await.unwrap();
}

pub(crate) async fn a_queue_named_after_an_argument_is_served(bench: Bench) {
    let job = templated::enqueue("acme", 7).await.unwrap();
    let record = bench.record(job.id()).await;
    assert_eq!(record.queue, "tenant-acme");
    assert!(record.options.unwrap().contains("t:acme"));
    let _runtime = bench.runtime().queues(["tenant-acme"]).start().await.unwrap();
    assert_eq!(job.wait().await.unwrap(), "acme7");
}

pub(crate) async fn a_paused_server_starts_nothing_until_it_is_resumed(bench: Bench) {
    let runtime = bench.start().await;
    let server = runtime.server_id();
    assert!(bench.client().pause_server(server).await.unwrap());
    let mut own = bench.own().await;
    for turn in 0..2 {
        until_it_beats(&bench, &mut own, server, turn).await;
    }
    let job = perform::enqueue(Action::ok()).await.unwrap();
    until_it_beats(&bench, &mut own, server, 2).await;
    assert_eq!(bench.state(&job).await, JobState::Enqueued);
    assert!(bench.client().resume_server(server).await.unwrap());
    assert_eq!(job.wait().await.unwrap(), "done");
}

pub(crate) async fn a_server_that_does_not_exist_cannot_be_paused(bench: Bench) {
    assert!(!bench.client().pause_server(4_711).await.unwrap());
    assert!(!bench.client().resume_server(4_711).await.unwrap());
}

/// Waits for the server's next heartbeat, by which it learns whether it is paused.
async fn until_it_beats(bench: &Bench, own: &mut Own, server: i64, turn: u32) {
    let remember = format!(
        "CREATE TABLE {{p}}beat{turn} AS SELECT heartbeat_at AS at FROM {{p}}server WHERE id = {server}"
    );
    own.execute(&remember).await;
    let beats = format!(
        "SELECT count(*) FROM {{p}}server, {{p}}beat{turn} WHERE id = {server} AND heartbeat_at > at"
    );
    let own = tokio::sync::Mutex::new(own);
    bench.until(async || own.lock().await.number(&beats).await == 1).await;
}

pub(crate) async fn a_scheduled_job_joins_the_end_of_its_line(bench: Bench) {
    perform::schedule_in(HOUR, Action::say("second")).await.unwrap();
    say_in("default", "first").await;
    bench.advance(2 * HOUR).await;
    let _runtime = bench.runtime().workers(1).start().await.unwrap();
    assert_eq!(heard(&bench, 2).await, ["first", "second"]);
}

pub(crate) async fn hundreds_of_queues_are_all_served_in_their_order(bench: Bench) {
    let queues: Vec<String> = (0..600).map(|number| format!("queue-{number:03}")).collect();
    // Few enough for one claim: what a stalled worker gives back is otherwise overtaken.
    let filled = [0, 1, 249, 250, 251, 499, 500, 599].map(|number: usize| queues[number].as_str());
    for queue in filled.into_iter().rev() {
        say_in(queue, queue).await;
    }
    let _runtime = bench.runtime().queues(&queues).workers(1).start().await.unwrap();
    assert_eq!(heard(&bench, filled.len()).await, filled);

    let all = queues.iter().map(|queue| perform::job(Action::say(queue)).queue(queue.as_str()));
    bench.client().enqueue_all(all).await.unwrap();
    let mut served = heard(&bench, queues.len()).await;
    served.sort_unstable();
    assert_eq!(served, queues);
}
