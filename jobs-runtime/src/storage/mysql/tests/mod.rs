//! What the suite that runs on every database does not see.

// A test that cannot go on has failed.
#![allow(clippy::unwrap_used)]

mod claims;
mod places;
mod plans;
mod schema;

use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection};

use super::MySql;
use crate::job::JobId;
use crate::request::Parents;
use crate::storage::model::{ClaimParams, Claimed, Due, NewJob};
use crate::storage::options::StorageOptions;
use crate::storage::servers::NewServer;
use crate::storage::tables::Tables;

fn url() -> String {
    std::env::var("JOBS_TEST_MARIADB_URL").unwrap_or_else(|_| {
        panic!("JOBS_TEST_MARIADB_URL names no MariaDB to test on: run `cargo xtask test`")
    })
}

/// Options for a prefix that no other test uses.
fn options() -> StorageOptions {
    let id = JobId::new().as_uuid().simple().to_string();
    StorageOptions::new(url()).schema(format!("t{}", &id[16..]))
}

/// A connection of the application's own.
async fn own() -> MySqlConnection {
    MySqlConnection::connect(&url()).await.unwrap()
}

async fn drop_tables(options: &StorageOptions) {
    let mut conn = own().await;
    let tables = "SELECT table_name FROM information_schema.tables
        WHERE table_schema = database() AND table_name LIKE CONCAT(?, '\\_%')";
    let tables: Vec<String> =
        sqlx::query_scalar(tables).bind(&options.schema).fetch_all(&mut conn).await.unwrap();
    conn.execute(AssertSqlSafe(format!("DROP TABLE {}", tables.join(", ")))).await.unwrap();
}

async fn open(options: &StorageOptions) -> MySql {
    MySql::connect(options).await.unwrap()
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

async fn store(storage: &MySql, jobs: &[NewJob]) {
    let mut open = storage.begin().await.unwrap();
    open.tables().insert_ready(jobs).await.unwrap();
    open.commit().await.unwrap();
}

async fn announce(storage: &MySql) -> i64 {
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

async fn claim(storage: &MySql, server: i64, limit: u32) -> Vec<Claimed> {
    let kinds = ["k".to_owned()];
    let mut open = storage.begin().await.unwrap();
    let params = ClaimParams { server, queues: &["q"], kinds: &kinds, limit };
    let claimed = open.tables().claim(&params).await.unwrap();
    open.commit().await.unwrap();
    claimed
}
