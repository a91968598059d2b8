//! Jobs stored in the application's own transaction.

use jobs_runtime::{Error, JobState};
use jobs_tests::{Bench, Own, Place};

use super::jobs::{Action, perform, show};

pub(crate) async fn a_job_is_there_when_the_transaction_commits(bench: Bench) {
    let mut own = bench.own().await;
    own.execute("CREATE TABLE {p}orders (id integer)").await;
    own.begin().await;
    own.execute("INSERT INTO {p}orders VALUES (7)").await;
    let job = perform::job(Action::ok()).enqueue_in(own.transaction()).await.unwrap();
    assert!(bench.find(job.id()).await.is_none(), "seen before the commit");
    own.execute("COMMIT").await;
    assert_eq!(bench.state(&job).await, JobState::Enqueued);
    let _runtime = bench.start().await;
    assert_eq!(job.wait().await.unwrap(), "done");
    assert_eq!(own.number("SELECT count(*) FROM {p}orders").await, 1);
}

pub(crate) async fn a_job_was_never_there_when_the_transaction_rolls_back(bench: Bench) {
    let mut own = bench.own().await;
    own.begin().await;
    let job = perform::job(Action::ok()).enqueue_in(own.transaction()).await.unwrap();
    own.execute("ROLLBACK").await;
    assert!(bench.find(job.id()).await.is_none());
    assert_eq!(bench.client().counts().await.unwrap(), jobs_runtime::Counts::default());
}

pub(crate) async fn after_the_commit_a_server_finds_the_job(bench: Bench) {
    let _runtime = bench.start().await;
    let mut own = bench.own().await;
    for wake in [true, false] {
        own.begin().await;
        let job = perform::job(Action::ok()).enqueue_in(own.transaction()).await.unwrap();
        own.execute("COMMIT").await;
        if wake {
            bench.client().wake();
        }
        assert_eq!(job.wait().await.unwrap(), "done");
    }
}

pub(crate) async fn a_family_can_be_stored_in_a_transaction(bench: Bench) {
    let mut own = bench.own().await;
    own.begin().await;
    let parent = perform::job(Action::say("text")).enqueue_in(own.transaction()).await.unwrap();
    let child = show::job("> ").after(&parent).enqueue_in(own.transaction()).await.unwrap();
    own.execute("COMMIT").await;
    let _runtime = bench.start().await;
    assert_eq!(child.wait().await.unwrap(), "> text");
}

pub(crate) async fn a_refused_job_leaves_the_transaction_as_it_was(bench: Bench) {
    let mut own = bench.own().await;
    own.begin().await;
    let nobody = jobs_runtime::JobId::new();
    let refused = perform::job(Action::ok()).after(nobody).enqueue_in(own.transaction()).await;
    assert!(matches!(refused, Err(Error::UnknownParent { .. })), "{refused:?}");
    let job = perform::job(Action::ok()).enqueue_in(own.transaction()).await.unwrap();
    own.execute("COMMIT").await;
    assert_eq!(bench.state(&job).await, JobState::Enqueued);
    assert_eq!(bench.client().recent(9).await.unwrap().len(), 1);
}

pub(crate) async fn a_transaction_of_another_database_is_refused(bench: Bench) {
    let mut foreign = vec![
        Own::connect(&Place::sqlite_memory()).await,
        Own::connect(&match bench.place().is_postgres() {
            true => Place::mariadb(),
            false => Place::postgres(),
        })
        .await,
    ];
    for own in &mut foreign {
        own.begin().await;
        let refused = perform::job(Action::ok()).enqueue_in(own.transaction()).await;
        let Err(Error::ForeignTransaction { expected, .. }) = &refused else {
            panic!("{refused:?}")
        };
        assert_eq!(*expected, bench.storage().place());
        // Still of use.
        own.execute("COMMIT").await;
    }
    assert_eq!(bench.client().recent(9).await.unwrap().len(), 0);
}

pub(crate) async fn a_named_client_stores_in_a_transaction(bench: Bench) {
    let client = jobs_runtime::Client::new(bench.another_storage().await);
    let mut own = bench.own().await;
    own.begin().await;
    let job = perform::job(Action::ok()).enqueue_in_with(&client, own.transaction()).await.unwrap();
    own.execute("COMMIT").await;
    assert_eq!(bench.state(&job).await, JobState::Enqueued);
}
