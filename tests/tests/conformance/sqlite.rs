//! What only a file with one writer can do wrong.

use jobs_runtime::{Client, Error, JobState};
use jobs_tests::Bench;

use super::jobs::{Action, perform};
use super::times::SECOND;

pub(crate) async fn a_transaction_that_read_before_it_writes_is_told_what_to_do(bench: Bench) {
    let mut own = bench.own().await;
    own.execute("BEGIN").await;
    own.number("SELECT count(*) FROM {p}job").await;
    let other = perform::enqueue(Action::ok()).await.unwrap();
    let stale = perform::job(Action::ok()).enqueue_in(own.transaction()).await.unwrap_err();
    assert!(
        matches!(&stale, Error::Storage(jobs_runtime_error) if
        jobs_runtime_error.to_string().contains("BEGIN IMMEDIATE")),
        "{stale}"
    );
    own.execute("ROLLBACK").await;
    assert_eq!(bench.state(&other).await, JobState::Enqueued);
}

pub(crate) async fn an_enqueue_beside_ones_own_write_transaction_is_told_what_to_do(bench: Bench) {
    let options = bench.place().options().lock_timeout(SECOND / 10);
    let impatient = Client::new(options.connect().await.unwrap());
    let mut own = bench.own().await;
    own.begin().await;
    own.execute("CREATE TABLE {p}orders (id integer)").await;
    let locked = perform::job(Action::ok()).enqueue_with(&impatient).await.unwrap_err();
    let text = locked.to_string();
    assert!(text.contains("locked") && text.contains("enqueue_in"), "{text}");
    assert!(text.contains(&bench.storage().place()), "{text}");
    let job = perform::job(Action::ok()).enqueue_in_with(&impatient, own.transaction()).await;
    own.execute("COMMIT").await;
    assert_eq!(bench.state(&job.unwrap()).await, JobState::Enqueued);
    perform::job(Action::ok()).enqueue_with(&impatient).await.unwrap();
    assert_eq!(bench.client().counts().await.unwrap().enqueued, 2);
    impatient.storage().close().await;
}

pub(crate) async fn an_enqueue_waits_for_another_writer(bench: Bench) {
    let mut own = bench.own().await;
    own.begin().await;
    own.execute("CREATE TABLE {p}orders (id integer)").await;
    let enqueue = tokio::spawn(perform::enqueue(Action::ok()).into_future());
    own.execute("COMMIT").await;
    let job = enqueue.await.unwrap().unwrap();
    assert_eq!(bench.state(&job).await, JobState::Enqueued);
}
