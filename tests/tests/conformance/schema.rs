//! The schema that the library keeps to itself.

use jobs_runtime::{Client, StorageOptions};
use jobs_tests::Bench;

use super::jobs::double;

/// A second schema in the database of the test.
fn another(bench: &Bench) -> (StorageOptions, String, String) {
    let schema = format!("s{}", bench.place().schema());
    let prefix = bench.place().prefix_of(&schema);
    (bench.place().options().schema(&schema), schema, prefix)
}

pub(crate) async fn five_first_connects_at_once_migrate_once(bench: Bench) {
    let (options, schema, prefix) = another(&bench);
    let tasks: Vec<_> = (0..5).map(|_| tokio::spawn(options.clone().connect())).collect();
    let mut storages = Vec::new();
    for task in tasks {
        storages.push(task.await.unwrap().unwrap());
    }
    for storage in &storages {
        double::job(1).enqueue_with(&Client::new(storage.clone())).await.unwrap();
    }
    assert_eq!(Client::new(storages[0].clone()).counts().await.unwrap().enqueued, 5);
    let mut own = bench.own().await;
    let versions = own.number(&format!("SELECT count(*) FROM {prefix}schema_version")).await;
    assert_eq!(versions, own.number("SELECT count(*) FROM {p}schema_version").await);
    for storage in storages {
        storage.close().await;
    }
    own.drop_schema(&schema).await;
}

pub(crate) async fn two_schemas_in_one_database_are_told_apart(bench: Bench) {
    let (options, schema, _) = another(&bench);
    let other = options.connect().await.unwrap();
    let job = double::job(1).enqueue_with(&Client::new(other.clone())).await.unwrap();
    assert!(bench.find(job.id()).await.is_none());
    assert_eq!(bench.client().counts().await.unwrap().enqueued, 0);
    other.close().await;
    bench.own().await.drop_schema(&schema).await;
}

pub(crate) async fn what_was_stored_is_there_after_a_reconnect(bench: Bench) {
    let job = double::enqueue(4).await.unwrap();
    bench.storage().close().await;
    let again = bench.another_storage().await;
    let _runtime = bench.runtime_on(again.clone()).start().await.unwrap();
    let handle = Client::new(again).handle::<u32>(job.id());
    assert_eq!(handle.wait().await.unwrap(), 8);
}

pub(crate) async fn a_schema_newer_than_the_program_stops_it(bench: Bench) {
    let mut own = bench.own().await;
    own.execute("UPDATE {p}schema_version SET version = 999 WHERE version = 1").await;
    let error = bench.place().options().connect().await.unwrap_err().to_string();
    assert!(error.contains("999") && error.contains("newer release"), "{error}");
}

pub(crate) async fn without_leave_to_migrate_a_missing_schema_is_an_error(bench: Bench) {
    let (options, schema, _) = another(&bench);
    let error = options.migrate(false).connect().await.unwrap_err().to_string();
    assert!(error.contains(&schema) && error.contains("migrate"), "{error}");
    // One that is there is worked with.
    bench.place().options().migrate(false).connect().await.unwrap().close().await;
}

pub(crate) async fn the_migrations_of_the_application_are_left_alone(bench: Bench) {
    let mut own = bench.own().await;
    // Tests on one server share the application's table, so each has a row of its own, and may
    // find that another has just made the table.
    let _ = own.try_execute("CREATE TABLE IF NOT EXISTS _sqlx_migrations (version text)").await;
    let (options, schema, _) = another(&bench);
    own.execute(&format!("INSERT INTO _sqlx_migrations VALUES ('{schema}')")).await;
    options.connect().await.unwrap().close().await;
    let row = format!("SELECT count(*) FROM _sqlx_migrations WHERE version = '{schema}'");
    assert_eq!(own.number(&row).await, 1);
    let place = bench.place();
    let ours = if place.is_sqlite() {
        "SELECT count(*) FROM sqlite_master WHERE name LIKE '%sqlx%' \
         AND name <> '_sqlx_migrations'"
            .to_owned()
    } else if place.is_postgres() {
        format!(
            "SELECT count(*) FROM pg_tables WHERE schemaname IN ('{schema}', '{}') \
             AND tablename LIKE '%sqlx%'",
            place.schema()
        )
    } else {
        "SELECT count(*) FROM information_schema.tables WHERE table_schema = database() \
         AND table_name LIKE '%sqlx%' AND table_name <> '_sqlx_migrations'"
            .to_owned()
    };
    assert_eq!(own.number(&ours).await, 0);
    own.execute(&format!("DELETE FROM _sqlx_migrations WHERE version = '{schema}'")).await;
    own.drop_schema(&schema).await;
}
