//! Connecting and migrating.

use sqlx::{AssertSqlSafe, Connection, Executor};

use super::super::MySql;
use super::{drop_tables, job, open, options, own, store};
use crate::error::{Error, StorageError};
use crate::storage::tables::Tables;

#[tokio::test]
async fn every_statement_prepares() {
    let mut options = options();
    options.movable_clock = true;
    let storage = open(&options).await;
    let mut conn = storage.pool.acquire().await.unwrap();
    let shared = &storage.shared;
    let all = [shared.sql.all(), shared.sql_joined.all(), shared.batches.all()].concat();
    for (name, sql) in all {
        // Of several statements, which are sent as they are.
        if name == "next_number" {
            continue;
        }
        if let Err(error) = conn.prepare(sql).await {
            panic!("statement `{name}`: {error}");
        }
    }
    storage.begin().await.unwrap().tables().next_number().await.unwrap();
    drop(conn);
    drop_tables(&options).await;
}

#[tokio::test]
async fn a_migration_that_was_left_half_way_is_run_again() {
    let options = options();
    open(&options).await.close().await;
    let mut conn = own().await;
    for sql in ["DELETE FROM {}_schema_version", "DROP TABLE {}_job_log, {}_control"] {
        let sql = sql.replace("{}", &options.schema);
        conn.execute(AssertSqlSafe(sql)).await.unwrap();
    }
    let storage = open(&options).await;
    store(&storage, &[job("q", 0)]).await;
    let mut open = storage.read().await.unwrap();
    assert_eq!(open.tables().counts(None).await.unwrap().enqueued, 1);
    open.commit().await.unwrap();
    drop_tables(&options).await;
}

#[tokio::test]
async fn five_processes_migrate_one_schema() {
    let options = options();
    let connects = (0..5).map(|_| {
        let options = options.clone();
        tokio::spawn(async move { MySql::connect(&options).await.map(|storage| storage.storage) })
    });
    let mut ids = Vec::new();
    for connect in connects.collect::<Vec<_>>() {
        ids.push(connect.await.unwrap().unwrap());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    drop_tables(&options).await;
}

#[tokio::test]
async fn a_transaction_elsewhere_is_foreign_and_survives_being_asked() {
    let (ours, theirs) = (options(), options());
    let (storage, elsewhere) = (open(&ours).await, open(&theirs).await);
    let mut conn = own().await;
    let mut tx = conn.begin().await.unwrap();
    storage.check_ours(&mut tx).await.unwrap();
    drop_tables(&theirs).await;
    let foreign = elsewhere.check_ours(&mut tx).await.unwrap_err();
    assert!(matches!(foreign, Error::ForeignTransaction { .. }), "{foreign}");
    storage.check_ours(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    drop_tables(&ours).await;
}

#[tokio::test]
async fn a_value_that_is_larger_than_a_packet_is_refused_with_both_sizes() {
    let options = options();
    let storage = open(&options).await;
    let bytes = storage.shared.largest_packet;
    let mut large = job("q", 0);
    large.args = format!("\"{}\"", "x".repeat(bytes));
    let mut open = storage.begin().await.unwrap();
    let error = open.tables().insert_ready(&[job("q", 0), large]).await.unwrap_err();
    assert!(matches!(error, StorageError::TooLarge { .. }) && error.is_refusal(), "{error}");
    assert!(error.to_string().contains(&(bytes + 2).to_string()), "{error}");
    drop(open);

    // Many that are large together are stored by several statements.
    let mut large = [job("q", 0), job("q", 0), job("q", 0)];
    large.iter_mut().for_each(|job| job.args = format!("\"{}\"", "x".repeat(bytes / 2)));
    store(&storage, &large).await;
    drop_tables(&options).await;
}
