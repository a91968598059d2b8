//! Jobs of which there may be only one.

use jobs_runtime::{Error, JobRequest, JobState, OnConflict, Unique};
use jobs_tests::Bench;

use super::jobs::{Action, Perform, double, perform, templated};
use super::times::{HOUR, SECOND};

fn key() -> Unique {
    Unique::key("user-7".to_owned())
}

fn with(unique: Unique, text: &str) -> JobRequest<Perform> {
    perform::job(Action::say(text)).unique(unique)
}

pub(crate) async fn a_second_job_is_skipped_while_the_first_is_not_settled(bench: Bench) {
    let first = with(key(), "first").enqueue().await.unwrap();
    let second = with(key(), "second").enqueue().await.unwrap();
    assert!(!first.is_duplicate());
    assert!(second.is_duplicate());
    assert_eq!(second.id(), first.id());
    let _runtime = bench.start().await;
    assert_eq!(second.wait().await.unwrap(), "first");
    assert_eq!(bench.client().counts().await.unwrap().succeeded, 1);
}

pub(crate) async fn the_key_is_free_when_its_holder_has_settled(bench: Bench) {
    let _runtime = bench.start().await;
    with(key(), "first").enqueue().await.unwrap().wait().await.unwrap();
    let second = with(key(), "second").enqueue().await.unwrap();
    assert!(!second.is_duplicate());
    assert_eq!(second.wait().await.unwrap(), "second");
}

pub(crate) async fn the_key_is_free_when_its_holder_was_deleted(bench: Bench) {
    let first = with(key(), "first").enqueue().await.unwrap();
    first.cancel().await.unwrap();
    let second = with(key(), "second").enqueue().await.unwrap();
    assert!(!second.is_duplicate());
    assert_eq!(bench.state(&second).await, JobState::Enqueued);
}

pub(crate) async fn a_running_holder_holds_its_key(bench: Bench) {
    let _runtime = bench.start().await;
    let first = perform::job(Action::gate("go")).unique(key()).enqueue().await.unwrap();
    bench.hear("started").await;
    assert!(with(key(), "second").enqueue().await.unwrap().is_duplicate());
    bench.probe().open("go");
    first.wait().await.unwrap();
}

pub(crate) async fn a_conflict_can_be_an_error_that_names_key_and_holder(bench: Bench) {
    let first = with(key(), "first").enqueue().await.unwrap();
    let request = with(key().on_conflict(OnConflict::Error), "second");
    let id = request.id();
    let error = request.enqueue().await.unwrap_err();
    let Error::Conflict { kind, key, holder } = &error else { panic!("{error}") };
    assert_eq!((kind.as_str(), key.as_str(), *holder), ("perform", "user-7", first.id()));
    assert!(error.to_string().contains("user-7"), "{error}");
    assert!(bench.find(id).await.is_none());
}

pub(crate) async fn a_replacement_changes_the_job_that_waits(bench: Bench) {
    let first = with(key(), "first").queue("last").enqueue().await.unwrap();
    let second = with(key().on_conflict(OnConflict::Replace), "second").priority(3);
    let second = second.enqueue().await.unwrap();
    assert!(second.is_duplicate());
    assert_eq!(second.id(), first.id());
    let record = bench.record(first.id()).await;
    assert!(record.args.contains("second"), "{}", record.args);
    assert_eq!((record.queue.as_str(), record.priority), ("default", 3));
    let _runtime = bench.start().await;
    assert_eq!(first.wait().await.unwrap(), "second");
    assert_eq!(bench.client().counts().await.unwrap().succeeded, 1);
}

pub(crate) async fn a_replacement_changes_a_job_that_is_scheduled(bench: Bench) {
    let first = with(key(), "first").delay(HOUR).enqueue().await.unwrap();
    let second = with(key().on_conflict(OnConflict::Replace), "second").delay(HOUR);
    assert_eq!(second.enqueue().await.unwrap().id(), first.id());
    let _runtime = bench.start().await;
    bench.advance(2 * HOUR).await;
    assert_eq!(first.wait().await.unwrap(), "second");
}

pub(crate) async fn a_replacement_leaves_a_running_job_alone(bench: Bench) {
    let _runtime = bench.start().await;
    let first = perform::job(Action::gate("go")).unique(key()).enqueue().await.unwrap();
    bench.hear("started").await;
    let second = with(key().on_conflict(OnConflict::Replace), "second").enqueue().await.unwrap();
    assert_eq!(second.id(), first.id());
    bench.probe().open("go");
    assert_eq!(second.wait().await.unwrap(), "go");
}

pub(crate) async fn within_a_time_the_key_outlives_its_holder(bench: Bench) {
    let _runtime = bench.start().await;
    let unique = || key().within(HOUR);
    let first = with(unique(), "first").enqueue().await.unwrap();
    first.wait().await.unwrap();
    assert!(with(unique(), "second").enqueue().await.unwrap().is_duplicate());
    bench.advance(HOUR + SECOND).await;
    let third = with(unique(), "third").enqueue().await.unwrap();
    assert!(!third.is_duplicate());
    assert_eq!(third.wait().await.unwrap(), "third");
}

pub(crate) async fn the_states_that_count_can_be_named(bench: Bench) {
    let only_waiting = || key().states(&[JobState::Enqueued]);
    let _runtime = bench.start().await;
    let first = perform::job(Action::gate("go")).unique(only_waiting()).enqueue().await.unwrap();
    bench.hear("started").await;
    let second = with(only_waiting(), "second").enqueue().await.unwrap();
    assert!(!second.is_duplicate());
    assert_ne!(second.id(), first.id());
    bench.probe().open("go");
    second.wait().await.unwrap();
}

pub(crate) async fn a_hundred_requests_at_once_store_one_job(bench: Bench) {
    let other = jobs_runtime::Client::new(bench.another_storage().await);
    let tasks: Vec<_> = (0..100)
        .map(|n| {
            let client = if n % 2 == 0 { bench.client().clone() } else { other.clone() };
            tokio::spawn(async move { with(key(), "one").enqueue_with(&client).await })
        })
        .collect();
    let mut stored = 0;
    let mut ids = std::collections::HashSet::new();
    for task in tasks {
        let job = task.await.unwrap().unwrap();
        stored += u32::from(!job.is_duplicate());
        ids.insert(job.id());
    }
    assert_eq!((stored, ids.len()), (1, 1));
    assert_eq!(bench.client().counts().await.unwrap().enqueued, 1);
}

pub(crate) async fn kinds_and_keys_are_told_apart(bench: Bench) {
    with(key(), "one").enqueue().await.unwrap();
    let other_kind = double::job(1).unique(key()).enqueue().await.unwrap();
    let other_key = with(Unique::key("user-8".to_owned()), "two").enqueue().await.unwrap();
    assert!(!other_kind.is_duplicate() && !other_key.is_duplicate());
    assert_eq!(bench.client().counts().await.unwrap().enqueued, 3);
}

pub(crate) async fn a_bulk_with_the_same_key_twice_stores_it_once(bench: Bench) {
    let jobs = [with(key(), "first"), with(key(), "second")];
    let jobs = bench.client().enqueue_all(jobs).await.unwrap();
    assert!(!jobs[0].is_duplicate() && jobs[1].is_duplicate());
    assert_eq!(jobs[0].id(), jobs[1].id());
    assert_eq!(bench.client().counts().await.unwrap().enqueued, 1);
}

pub(crate) async fn the_kind_can_make_its_jobs_unique(bench: Bench) {
    let first = templated::enqueue("acme", 1).await.unwrap();
    assert_eq!(templated::enqueue("acme", 1).await.unwrap().id(), first.id());
    assert_ne!(templated::enqueue("acme", 2).await.unwrap().id(), first.id());
    assert_eq!(bench.client().counts().await.unwrap().enqueued, 2);
}
