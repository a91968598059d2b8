//! Tags: where they come from, and what becomes of them.

use jobs_runtime::{Error, JobFilter, JobId, OnConflict, RecurringJob, Unique};
use jobs_tests::Bench;

use super::jobs::{Action, perform, tag_itself, templated};
use super::search::found;
use super::times::{DAY, HOUR, SECOND};

async fn tagged(bench: &Bench, tag: &str) -> Vec<JobId> {
    found(bench, &JobFilter::new().tag(tag)).await
}

pub(crate) async fn a_job_is_found_by_each_of_its_tags(bench: Bench) {
    let both = perform::job(Action::ok()).tag("red").tag("blue").enqueue().await.unwrap();
    let one = perform::job(Action::ok()).tag("red").tag("red").enqueue().await.unwrap();
    perform::enqueue(Action::ok()).await.unwrap();
    assert_eq!(tagged(&bench, "red").await, [one.id(), both.id()]);
    assert_eq!(tagged(&bench, "blue").await, [both.id()]);
    let filter = JobFilter::new().tag("red").tag("blue");
    assert_eq!(found(&bench, &filter).await, [both.id()]);
    assert!(tagged(&bench, "green").await.is_empty());
    assert!(tagged(&bench, "Red").await.is_empty());
    assert_eq!(bench.record(both.id()).await.tags, ["red", "blue"]);
    assert_eq!(bench.record(one.id()).await.tags, ["red"]);
}

pub(crate) async fn every_way_to_store_a_job_stores_its_tags(bench: Bench) {
    let kind = templated::enqueue("acme", 1).await.unwrap();
    let scheduled = perform::job(Action::ok()).tag("x").delay(HOUR).enqueue().await.unwrap();
    let child = perform::job(Action::ok()).tag("x").after(&scheduled).enqueue().await.unwrap();
    let requests = [perform::job(Action::ok()).tag("x"), perform::job(Action::ok())];
    let bulk = bench.client().enqueue_all(requests).await.unwrap();
    let mut expected = vec![bulk[0].id(), child.id(), scheduled.id()];
    assert_eq!(tagged(&bench, "x").await, expected);
    assert_eq!(tagged(&bench, "t:acme").await, [kind.id()]);
    // Straight into a lease, where a worker is idle.
    let _runtime = bench.start().await;
    let leased = perform::job(Action::ok()).tag("x").enqueue().await.unwrap();
    leased.wait().await.unwrap();
    expected.insert(0, leased.id());
    assert_eq!(tagged(&bench, "x").await, expected);
}

pub(crate) async fn a_tag_stored_in_the_callers_transaction_goes_with_it(bench: Bench) {
    if bench.place().is_private() {
        return;
    }
    let mut own = bench.own().await;
    own.begin().await;
    perform::job(Action::ok()).tag("x").enqueue_in(own.transaction()).await.unwrap();
    own.execute("ROLLBACK").await;
    assert!(tagged(&bench, "x").await.is_empty());
    own.begin().await;
    let job = perform::job(Action::ok()).tag("x").enqueue_in(own.transaction()).await.unwrap();
    own.execute("COMMIT").await;
    assert_eq!(tagged(&bench, "x").await, [job.id()]);
}

pub(crate) async fn a_running_job_can_tag_itself(bench: Bench) {
    let _runtime = bench.start().await;
    let tags: Vec<String> = ["late", "early", "late"].map(str::to_owned).to_vec();
    let job = tag_itself::job(tags).tag("early").enqueue().await.unwrap();
    job.wait().await.unwrap();
    assert_eq!(bench.record(job.id()).await.tags, ["early", "late"]);
    assert_eq!(tagged(&bench, "late").await, [job.id()]);
}

pub(crate) async fn a_running_job_has_no_more_tags_than_another(bench: Bench) {
    let _runtime = bench.start().await;
    let twenty_one: Vec<String> = (0..21).map(|n| n.to_string()).collect();
    let job = tag_itself::enqueue(twenty_one).await.unwrap();
    let error = job.wait().await.unwrap_err().to_string();
    assert!(error.contains("21 tags") && error.contains("20"), "{error}");
    assert_eq!(bench.record(job.id()).await.tags.len(), 20);
    let long = tag_itself::enqueue(vec!["x".repeat(51)]).await.unwrap();
    let error = long.wait().await.unwrap_err().to_string();
    assert!(error.contains("1 to 50"), "{error}");
}

pub(crate) async fn tags_go_with_their_job(bench: Bench) {
    let _runtime = bench.runtime().sweep_every(SECOND / 50).start().await.unwrap();
    let job = perform::job(Action::ok()).tag("x").enqueue().await.unwrap();
    job.wait().await.unwrap();
    bench.advance(DAY + SECOND).await;
    bench.until(async || bench.find(job.id()).await.is_none()).await;
    assert!(tagged(&bench, "x").await.is_empty());
    if !bench.place().is_private() {
        let mut own = bench.own().await;
        assert_eq!(own.number("SELECT count(*) FROM {p}job_tag").await, 0);
    }
}

pub(crate) async fn a_replacement_brings_its_own_tags(bench: Bench) {
    let unique = || Unique::key("7".to_owned()).on_conflict(OnConflict::Replace);
    let first = perform::job(Action::ok()).tag("old").tag("both").unique(unique());
    let first = first.enqueue().await.unwrap();
    let second = perform::job(Action::ok()).tag("both").tag("new").unique(unique());
    assert!(second.enqueue().await.unwrap().is_duplicate());
    assert_eq!(bench.record(first.id()).await.tags, ["both", "new"]);
    assert!(tagged(&bench, "old").await.is_empty());
    assert_eq!(tagged(&bench, "new").await, [first.id()]);
    let third = perform::job(Action::ok()).unique(unique()).enqueue().await.unwrap();
    assert!(third.is_duplicate());
    assert!(bench.record(first.id()).await.tags.is_empty());
}

pub(crate) async fn each_job_of_a_schedule_has_its_tags(bench: Bench) {
    let request = perform::job(Action::ok()).tag("nightly");
    RecurringJob::new("tagged", "@every 24h", request).add_or_update().await.unwrap();
    let mut jobs = Vec::new();
    for _ in 0..2 {
        jobs.insert(0, RecurringJob::trigger("tagged").await.unwrap().unwrap().id());
    }
    assert_eq!(tagged(&bench, "nightly").await, jobs);
}

pub(crate) async fn hostile_tags_are_stored_and_found_as_they_are(bench: Bench) {
    let hostile = [
        "'; DROP TABLE job; --",
        "%",
        "_",
        "\\",
        "\"]",
        "{p}",
        "$1",
        "?1",
        "\u{202e}größe",
        "a\0b",
    ];
    for tag in hostile {
        let job = perform::job(Action::ok()).tag(tag).enqueue().await.unwrap();
        assert_eq!(tagged(&bench, tag).await, [job.id()], "{tag}");
    }
    let error = perform::job(Action::ok()).tag("x".repeat(51)).enqueue().await.unwrap_err();
    assert!(matches!(error, Error::InvalidTag { .. }), "{error}");
}
