//! Queues and servers.

use jobs_runtime::JobState;
use jobs_tests::Bench;
use serde_json::json;

use super::jobs::halve;
use super::program::jobs;

pub(crate) async fn queues_are_paused_and_resumed(bench: Bench) {
    jobs(&bench, &["queues", "pause", "default"]).await.ok();
    let runtime = bench.start().await;
    let waits = halve::enqueue(2_u32).await.unwrap();
    // What is enqueued behind it into another queue runs, so the queue was looked at.
    halve::job(4).queue("last").enqueue().await.unwrap().wait().await.unwrap();
    assert_eq!(bench.state(&waits).await, JobState::Enqueued);
    let listed = jobs(&bench, &["queues", "--json"]).await.json();
    let default = listed.as_array().unwrap().iter().find(|queue| queue["name"] == "default");
    let default = default.unwrap();
    assert_eq!((&default["paused"], &default["waiting"]), (&json!(true), &json!(1)));
    assert!(jobs(&bench, &["queues"]).await.ok().contains("paused"));
    jobs(&bench, &["queues", "resume", "default"]).await.ok();
    assert_eq!(waits.wait().await.unwrap(), 1);
    runtime.shutdown().await.unwrap();
    assert_eq!(jobs(&bench, &["queues", "pause", "No Queue"]).await.code, 2);
}

pub(crate) async fn servers_are_listed_and_paused(bench: Bench) {
    assert!(jobs(&bench, &["servers"]).await.ok().contains("no server"));
    let runtime = bench.start().await;
    let listed = jobs(&bench, &["servers", "--json"]).await.json();
    assert_eq!(listed[0]["state"], json!("up"));
    let id = listed[0]["id"].to_string();
    jobs(&bench, &["servers", "pause", &id]).await.ok();
    assert!(jobs(&bench, &["servers"]).await.ok().contains("paused"));
    jobs(&bench, &["servers", "resume", &id]).await.ok();
    assert_eq!(jobs(&bench, &["servers", "pause", "987654321"]).await.code, 3);
    assert_eq!(jobs(&bench, &["servers", "stop", "987654321"]).await.code, 3);
    jobs(&bench, &["servers", "stop", &id]).await.ok();
    runtime.asked_to_stop().await;
    let listed = jobs(&bench, &["servers", "--json"]).await.json();
    assert_eq!(listed[0]["state"], json!("stopping"));
    assert!(listed[0]["memory_bytes"].as_u64() > Some(1 << 20), "{listed}");
    runtime.shutdown().await.unwrap();
    assert_eq!(jobs(&bench, &["servers", "--json"]).await.json()[0]["state"], json!("gone"));
}
