//! Connecting, migrating, listening.

use sqlx::Executor;

use super::super::{Postgres, clock};
use super::{drop_schema, open, options};
use crate::error::{Error, StorageError};
use crate::storage::options::StorageOptions;
use crate::storage::sql::Render;

#[tokio::test]
async fn every_statement_prepares() {
    let mut options = options();
    options.movable_clock = true;
    let storage = open(&options).await;
    let mut conn = storage.pool.acquire().await.unwrap();
    for (name, sql) in storage.shared.sql.all() {
        if let Err(error) = conn.prepare(sql).await {
            panic!("statement `{name}`: {error}");
        }
    }
    let render = Render::new(format!("{}.", options.schema), String::new());
    conn.prepare(render.sql(clock::ADVANCE)).await.unwrap();
    drop(conn);
    drop_schema(&options).await;
}

#[tokio::test]
async fn five_processes_migrate_one_schema() {
    let options = options();
    let connects = (0..5).map(|_| {
        let options = options.clone();
        tokio::spawn(
            async move { Postgres::connect(&options).await.map(|storage| storage.storage) },
        )
    });
    let mut ids = Vec::new();
    for connect in connects.collect::<Vec<_>>() {
        ids.push(connect.await.unwrap().unwrap());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    drop_schema(&options).await;
}

#[tokio::test]
async fn a_schema_that_does_not_fit_is_told() {
    let options = options();
    let looks_only = options.clone().migrate(false);
    let missing = Postgres::connect(&looks_only).await.err().unwrap();
    assert!(matches!(missing, Error::Setting(_)), "{missing}");

    let storage = open(&options).await;
    let newer =
        format!("INSERT INTO {}.schema_version VALUES (999, 'newer', now())", options.schema);
    storage.pool.execute(sqlx::AssertSqlSafe(newer)).await.unwrap();
    let too_new = Postgres::connect(&options).await.err().unwrap();
    assert!(
        matches!(too_new, Error::Storage(StorageError::SchemaTooNew { found: 999, .. })),
        "{too_new}"
    );
    drop_schema(&options).await;
}

#[tokio::test]
async fn an_unreachable_database_is_told_without_its_password() {
    let options = StorageOptions::new("postgres://me:secret@127.0.0.1:1/shop");
    let error = Postgres::connect(&options).await.err().unwrap().to_string();
    assert!(error.contains("127.0.0.1:1/shop") && !error.contains("secret"), "{error}");
}

#[tokio::test]
async fn a_transaction_elsewhere_is_foreign_and_survives_being_asked() {
    let (ours, theirs) = (options(), options());
    let storage = open(&ours).await;
    let elsewhere = Postgres::connect(&theirs).await.unwrap();
    let mut tx = storage.pool.begin().await.unwrap();
    storage.check_ours(&mut tx).await.unwrap();
    drop_schema(&theirs).await;
    let foreign = elsewhere.check_ours(&mut tx).await.unwrap_err();
    assert!(matches!(foreign, Error::ForeignTransaction { .. }), "{foreign}");
    storage.check_ours(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    drop_schema(&ours).await;
}

#[tokio::test]
async fn a_listener_hears_which_queues_have_grown() {
    let options = options();
    let storage = open(&options).await;
    let mut listener = storage.listen().await.unwrap();
    storage.notify(&["mail", "default"]).await.unwrap();
    assert_eq!(listener.next().await.unwrap().as_deref(), Some("mail"));
    assert_eq!(listener.next().await.unwrap().as_deref(), Some("default"));
    drop_schema(&options).await;
}
