//! Plans that hold whatever the statistics say.

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Executor, Row};

use super::super::MySql;
use super::{announce, claim, drop_tables, job, open, options, own, store};

/// Tables that may hold a million rows.
const LARGE: [&str; 15] = [
    "job",
    "job_queue",
    "job_attempt",
    "job_finished",
    "job_schedule",
    "job_awaiting",
    "job_edge",
    "job_deleted",
    "job_failed",
    "batch",
    "batch_finished",
    "job_expiry",
    "job_tag",
    "throttle_wait",
    "batch_member",
];

/// Statements that read a table whole, by what they are for, or its first rows in order.
const ALLOWED: [&str; 6] =
    ["counts", "queues", "unknown_in_line", "unknown_waiting", "recent", "throttles"];

#[tokio::test]
async fn no_plan_reads_a_large_table_whole() {
    let options = options();
    let storage = open(&options).await;
    check_plans(&storage, &options.schema, "for empty tables").await;
    let server = announce(&storage).await;
    let jobs: Vec<_> = (0..50).map(|_| job("q", 0)).collect();
    store(&storage, &jobs).await;
    claim(&storage, server, 10).await;
    let mut conn = own().await;
    for table in LARGE {
        let sql = format!("ANALYZE TABLE {}_{table}", options.schema);
        conn.execute(AssertSqlSafe(sql)).await.unwrap();
    }
    check_plans(&storage, &options.schema, "for a few rows").await;
    drop_tables(&options).await;
}

async fn check_plans(storage: &MySql, prefix: &str, when: &str) {
    let mut conn = own().await;
    let mut faults = Vec::new();
    for (name, sql) in storage.shared.sql.all() {
        let text = sql.as_str();
        let verb = text.trim_start().split(' ').next().unwrap_or_default();
        let explained = matches!(verb, "SELECT" | "UPDATE" | "DELETE");
        if !explained || ALLOWED.contains(&name) {
            continue;
        }
        let plan = plan_of(&mut conn, text).await;
        whole_reads(&plan, prefix, &mut |read| faults.push(format!("`{name}` {when}: {read}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// With a list that could be of anything, and a text, which is compared as whatever it stands for.
async fn plan_of(conn: &mut sqlx::MySqlConnection, sql: &str) -> Value {
    let mut tx = conn.begin().await.unwrap();
    let list = "'[\"00\"]'";
    let sql = sql
        .replace("LIMIT ?", "LIMIT 1")
        .replace("JSON_TABLE(?", &format!("JSON_TABLE({list}"))
        .replace('?', "'1'");
    let explain = AssertSqlSafe(format!("EXPLAIN FORMAT=JSON {sql}"));
    let row = tx.fetch_one(sqlx::raw_sql(explain)).await.unwrap();
    let plan: String = row.try_get_unchecked(0).unwrap();
    tx.rollback().await.unwrap();
    serde_json::from_str(&plan).unwrap()
}

fn whole_reads(node: &Value, prefix: &str, report: &mut impl FnMut(String)) {
    match node {
        Value::Array(nodes) => nodes.iter().for_each(|node| whole_reads(node, prefix, report)),
        Value::Object(fields) => {
            let text = |field: &str| fields.get(field).and_then(Value::as_str).unwrap_or_default();
            // By its alias, of one letter, or by its name.
            let table = text("table_name");
            let is_large = LARGE.iter().any(|large| table == format!("{prefix}_{large}"))
                || ["j", "q", "a", "f", "s", "w", "e", "d", "t", "b", "m"].contains(&table);
            if is_large && matches!(text("access_type"), "ALL" | "index") {
                report(format!("{} of {table}", text("access_type")));
            }
            fields.values().for_each(|node| whole_reads(node, prefix, report));
        }
        _ => {}
    }
}
