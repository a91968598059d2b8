//! What the suite that runs on every database does not see.

// A test that cannot go on has failed.
#![allow(clippy::unwrap_used)]

mod claims;
mod dropped;
mod edges;
mod places;
mod plans;
mod schema;
mod throttles;

use sqlx::{Connection, Executor, PgConnection};

use super::Postgres;
use crate::job::JobId;
use crate::request::Parents;
use crate::storage::model::{ClaimParams, Claimed, Due, NewJob};
use crate::storage::options::StorageOptions;
use crate::storage::servers::NewServer;
use crate::storage::tables::Tables;

fn url() -> String {
    std::env::var("JOBS_TEST_POSTGRES_URL").unwrap_or_else(|_| {
        panic!("JOBS_TEST_POSTGRES_URL names no PostgreSQL to test on: run `cargo xtask test`")
    })
}

/// Options for a schema that no other test uses.
fn options() -> StorageOptions {
    let id = JobId::new().as_uuid().simple().to_string();
    StorageOptions::new(url()).schema(format!("t{}", &id[16..]))
}

async fn drop_schema(options: &StorageOptions) {
    let mut conn = PgConnection::connect(&url()).await.unwrap();
    let sql = format!("DROP SCHEMA IF EXISTS {} CASCADE", options.schema);
    conn.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
}

async fn open(options: &StorageOptions) -> Postgres {
    Postgres::connect(options).await.unwrap()
}

fn job(queue: &'static str, priority: i16) -> NewJob {
    NewJob {
        id: JobId::new(),
        kind: "k".into(),
        queue: queue.into(),
        priority,
        args: "{}".to_owned(),
        options: None,
        tags: Vec::new(),
        expires: None,
        due: Due::Now,
        unique: None,
        parents: Parents::default(),
        batch: None,
        keys: None,
    }
}

async fn announce(storage: &Postgres) -> i64 {
    let server = NewServer {
        name: "test".to_owned(),
        queues: vec!["q".to_owned()],
        workers: 1,
        kinds: Vec::new(),
    };
    let mut open = storage.begin().await.unwrap();
    let id = open.tables().announce(&server).await.unwrap();
    open.commit().await.unwrap();
    id
}

async fn claim(storage: &Postgres, server: i64, limit: u32) -> Vec<Claimed> {
    let kinds = ["k".to_owned()];
    let mut open = storage.begin().await.unwrap();
    let params = ClaimParams { server, queues: &["q"], kinds: &kinds, limit };
    let claimed = open.tables().claim(&params).await.unwrap();
    open.commit().await.unwrap();
    claimed
}
