//! Looking at jobs, storing them, and acting on them.

use std::time::Duration;

use jobs_runtime::JobState;
use jobs_runtime::prelude::*;
use jobs_tests::Bench;
use serde_json::{Value, json};

use super::program::{jobs, jobs_with};

const HOUR: Duration = Duration::from_secs(3600);

#[job(retries = 0)]
pub(crate) async fn halve(n: u32, ctx: JobContext) -> Result<u32, JobError> {
    ctx.log(format!("halving {n}\u{1b}[2J")).await?;
    ctx.progress(1, 2).await?;
    match n % 2 {
        0 => Ok(n / 2),
        _ => Err("it is \u{1b}[31modd".into()),
    }
}

#[job]
async fn sign_in(user: u32, #[redact] password: String) -> usize {
    password.len() + user as usize
}

fn ids(page: &Value) -> Vec<&str> {
    page["jobs"].as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap()).collect()
}

pub(crate) async fn jobs_are_counted_and_listed(bench: Bench) {
    let runtime = bench.start().await;
    halve::enqueue(4_u32).await.unwrap().wait().await.unwrap();
    let failed = halve::enqueue(3_u32).await.unwrap();
    failed.wait().await.unwrap_err();
    runtime.shutdown().await.unwrap();
    halve::job(6).delay(HOUR).tag("later").enqueue().await.unwrap();

    let stats = jobs(&bench, &["stats", "--json"]).await.json();
    let counts = &stats["jobs"];
    assert_eq!((&counts["succeeded"], &counts["failed"]), (&json!(1), &json!(1)));
    assert_eq!((&counts["scheduled"], &counts["enqueued"]), (&json!(1), &json!(0)));
    assert!(jobs(&bench, &["stats"]).await.ok().contains("scheduled"));

    let page = jobs(&bench, &["list", "--state", "failed", "--json"]).await.json();
    assert_eq!(ids(&page), [failed.id().to_string()]);
    assert_eq!(page["jobs"][0]["args"], json!({ "n": 3 }));
    assert_eq!(page["next"], Value::Null);
    let tagged = jobs(&bench, &["list", "--tag", "later", "--kind", "halve"]).await.ok();
    assert!(tagged.contains("scheduled") && !tagged.contains("failed"), "{tagged}");
    let text = jobs(&bench, &["list", "--text", "\"n\":6", "--json"]).await.json();
    assert_eq!(ids(&text).len(), 1);
    assert_eq!(jobs(&bench, &["list", "--queue", "none"]).await.ok(), "no job matches\n");
    let past = ["list", "--created-before", "2020-01-01T00:00:00Z"];
    assert_eq!(jobs(&bench, &past).await.ok(), "no job matches\n");
}

pub(crate) async fn a_list_goes_on_where_it_ended(bench: Bench) {
    let mut stored = Vec::new();
    for n in 0..5_u32 {
        stored.push(halve::enqueue(n).await.unwrap().id().to_string());
    }
    let mut listed = Vec::new();
    let mut next = None::<String>;
    loop {
        let mut args = vec!["list", "--limit", "2", "--json"];
        args.extend(next.iter().flat_map(|next| ["--after", next.as_str()]));
        let page = jobs(&bench, &args).await.json();
        listed.extend(ids(&page).into_iter().map(str::to_owned));
        match page["next"].as_str() {
            Some(cursor) => next = Some(cursor.to_owned()),
            None => break,
        }
    }
    assert_eq!(listed, stored);
    let people = jobs(&bench, &["list", "--limit", "2"]).await.ok();
    assert!(people.contains("--after '"), "{people}");
}

pub(crate) async fn a_job_is_shown_with_its_history(bench: Bench) {
    let _runtime = bench.start().await;
    let job = halve::job(8).tag("even").enqueue().await.unwrap();
    job.wait().await.unwrap();
    let id = job.id().to_string();
    let shown = jobs(&bench, &["show", &id, "--json"]).await.json();
    assert_eq!((&shown["state"], &shown["tags"]), (&json!("succeeded"), &json!(["even"])));
    assert_eq!(shown["runs"][0]["output"], json!(4));
    assert_eq!(shown["progress"], json!({ "done": 1, "of": 2 }));
    assert_eq!(shown["log"][0]["text"], json!("halving 8\u{1b}[2J"));
    let people = jobs(&bench, &["show", &id]).await.ok();
    for part in ["halve", "succeeded", "even", "1 of 2", "runs", "log", "halving 8"] {
        assert!(people.contains(part), "{part} is missing in {people}");
    }
}

pub(crate) async fn what_a_job_says_cannot_steer_the_terminal(bench: Bench) {
    let _runtime = bench.start().await;
    let job = halve::job(3).tag("\u{202e}\u{1b}]0;title\u{7}").enqueue().await.unwrap();
    job.wait().await.unwrap_err();
    let shown = jobs(&bench, &["show", &job.id().to_string()]).await.ok();
    let steers = |c: char| c == '\u{202e}' || (c.is_control() && c != '\n');
    assert!(!shown.contains(steers), "{shown:?}");
    assert!(shown.contains(r"it is \u{1b}[31modd"), "{shown}");
    assert!(!jobs(&bench, &["list"]).await.ok().contains(steers));
}

pub(crate) async fn redacted_arguments_are_hidden(bench: Bench) {
    let job = sign_in::enqueue(7_u32, "open sesame").await.unwrap();
    let id = job.id().to_string();
    for args in [&["show", &id][..], &["show", &id, "--json"], &["list"], &["list", "--json"]] {
        let shown = jobs(&bench, args).await.ok();
        assert!(shown.contains("•••") && !shown.contains("sesame"), "{shown}");
    }
}

pub(crate) async fn a_job_is_enqueued_and_waited_for(bench: Bench) {
    let _runtime = bench.start().await;
    let args = ["enqueue", "halve", "--args", r#"{"n": 20}"#, "--tag", "by hand", "--wait"];
    assert_eq!(jobs(&bench, &args).await.ok(), "10\n");
    let page = jobs(&bench, &["list", "--tag", "by hand", "--json"]).await.json();
    assert_eq!(page["jobs"][0]["state"], json!("succeeded"));

    let later = ["enqueue", "halve", "--args", r#"{"n": 2}"#, "--delay", "1h", "--priority", "-5"];
    let id: JobId = jobs(&bench, &later).await.ok().trim().parse().unwrap();
    let record = bench.record(id).await;
    assert_eq!((record.placement.state, record.priority), (JobState::Scheduled, -5));
    let at = ["enqueue", "halve", "--args", r#"{"n": 2}"#, "--at", "2090-01-01T00:00:00Z"];
    let id: JobId = jobs(&bench, &at).await.ok().trim().parse().unwrap();
    assert!(bench.record(id).await.due_at.is_some());
}

pub(crate) async fn a_job_that_fails_ends_the_wait_with_a_code_of_its_own(bench: Bench) {
    let runtime = bench.start().await;
    let said = jobs(&bench, &["enqueue", "halve", "--args", r#"{"n": 1}"#, "--wait"]).await;
    assert_eq!(said.code, 5, "{said:?}");
    assert!(said.err.contains("odd"), "{said:?}");
    runtime.shutdown().await.unwrap();
    let wait = ["enqueue", "halve", "--args", "{}", "--wait", "--timeout", "10ms", "--json"];
    let said = jobs(&bench, &wait).await;
    assert_eq!(said.code, 5, "{said:?}");
    let id: JobId = said.json()["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(bench.record(id).await.placement.state, JobState::Enqueued);
}

pub(crate) async fn arguments_are_read_from_the_standard_input(bench: Bench) {
    let args = ["enqueue", "halve", "--queue", "default", "--args", "-"];
    let id: JobId = jobs_with(&bench, &args, "{\"n\":\n 4}\n").await.ok().trim().parse().unwrap();
    assert_eq!(bench.record(id).await.args.trim(), "{\"n\":\n 4}");
    let said = jobs_with(&bench, &args, "n = 4").await;
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains("not JSON"), "{said:?}");
}

pub(crate) async fn a_mistyped_kind_is_refused(bench: Bench) {
    let _runtime = bench.start().await;
    let said = jobs(&bench, &["enqueue", "halves", "--args", r#"{"n": 4}"#]).await;
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains("`halves`") && said.err.contains("`halve`"), "{said:?}");
    let said = jobs(&bench, &["enqueue", "halves", "--queue", "No Queue"]).await;
    assert_eq!(said.code, 2, "{said:?}");
    assert_eq!(bench.client().recent(10).await.unwrap().len(), 0);
}

pub(crate) async fn jobs_are_deleted_and_requeued_by_id(bench: Bench) {
    let (one, two) = (halve::enqueue(2_u32).await.unwrap(), halve::enqueue(4_u32).await.unwrap());
    let (a, b) = (one.id().to_string(), two.id().to_string());
    let said = jobs(&bench, &["delete", &a, &b]).await.ok();
    assert_eq!(said, "deleted: 2\n");
    assert_eq!(bench.state(&one).await, JobState::Deleted);
    let said = jobs(&bench, &["delete", &a, "--json"]).await;
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.err.contains(&a), "{said:?}");
    assert_eq!(said.json()["unchanged"], json!([a]));
    jobs(&bench, &["requeue", &b]).await.ok();
    assert_eq!(bench.state(&two).await, JobState::Enqueued);
    let said = jobs(&bench, &["requeue", &b]).await;
    assert_eq!(said.code, 4, "{said:?}");
}

pub(crate) async fn jobs_are_deleted_and_requeued_by_condition(bench: Bench) {
    for n in 0..3_u32 {
        halve::job(n).tag("some").enqueue().await.unwrap();
    }
    let other = halve::enqueue(9_u32).await.unwrap();
    for refused in [&["delete", "--all"][..], &["delete"], &["requeue", "--state", "failed"]] {
        let said = jobs(&bench, refused).await;
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{said:?}");
    }
    assert_eq!(jobs(&bench, &["delete", "--all", "--tag", "some"]).await.ok(), "deleted: 3\n");
    assert_eq!(bench.state(&other).await, JobState::Enqueued);
    let again = ["requeue", "--all", "--state", "deleted", "--json"];
    assert_eq!(jobs(&bench, &again).await.json()["done"], json!(3));
    assert_eq!(bench.client().counts().await.unwrap().enqueued, 4);
}

pub(crate) async fn an_unknown_job_is_not_found(bench: Bench) {
    let id = JobId::new().to_string();
    for args in [["show", &id], ["delete", &id], ["requeue", &id]] {
        let said = jobs(&bench, &args).await;
        assert_eq!(said.code, 3, "{said:?}");
        assert!(said.err.contains(&id), "{said:?}");
    }
    let said = jobs(&bench, &["show", "7"]).await;
    assert_eq!(said.code, 2, "{said:?}");
}

pub(crate) async fn old_jobs_are_pruned(bench: Bench) {
    let runtime = bench.start().await;
    let job = halve::enqueue(2_u32).await.unwrap();
    job.wait().await.unwrap();
    runtime.shutdown().await.unwrap();
    assert_eq!(jobs(&bench, &["prune", "--keep", "1d"]).await.ok(), "removed: 0\n");
    assert_eq!(jobs(&bench, &["prune", "--keep", "0s", "--json"]).await.json()["removed"], 1);
    assert!(bench.find(job.id()).await.is_none());
    assert_eq!(jobs(&bench, &["prune"]).await.code, 2);
}
