//! Plans that hold whatever the statistics said when they were made.

use serde_json::Value;
use sqlx::{AssertSqlSafe, Executor, Row, SqlSafeStr};

use super::super::Postgres;
use super::super::open::BEGIN;
use super::{announce, claim, drop_schema, job, open, options};
use crate::storage::tables::Tables;

/// Tables that may hold a million rows.
const LARGE: [&str; 18] = [
    "job",
    "job_queue",
    "job_attempt",
    "job_finished",
    "job_schedule",
    "job_awaiting",
    "job_edge",
    "job_deleted",
    "job_expiry",
    "job_failed",
    "batch",
    "batch_finished",
    "batch_member",
    "throttle",
    "throttle_wait",
    "throttle_slot",
    "throttle_admission",
    "job_tag",
];

/// Statements that read a table whole, by what they are for, or its first rows in order, or all of
/// an index that has few.
const ALLOWED: [&str; 10] = [
    "counts",
    "queues",
    "unknown_jobs",
    "poll",
    "next_call",
    "recent",
    "cancelled_batches",
    "forget_throttles",
    "forget_admissions",
    "wake_throttles",
];

#[tokio::test]
async fn no_plan_reads_a_large_table_whole() {
    let options = options();
    let storage = open(&options).await;
    check_plans(&storage, "before any statistics").await;
    analyze(&storage, &options.schema, "VACUUM ANALYZE").await;
    check_plans(&storage, "for empty tables").await;
    fill(&storage).await;
    analyze(&storage, &options.schema, "ANALYZE").await;
    check_plans(&storage, "for a few rows").await;
    drop_schema(&options).await;
}

async fn fill(storage: &Postgres) {
    let server = announce(storage).await;
    let jobs: Vec<_> = (0..20).map(|_| job("q", 0)).collect();
    let mut open = storage.alone().await.unwrap();
    open.tables().insert_ready(&jobs).await.unwrap();
    claim(storage, server, 10).await;
}

async fn analyze(storage: &Postgres, schema: &str, how: &str) {
    for table in LARGE {
        let sql = format!("{how} {schema}.{table}");
        storage.pool.execute(AssertSqlSafe(sql)).await.unwrap();
    }
}

async fn check_plans(storage: &Postgres, when: &str) {
    let mut faults = Vec::new();
    for (name, sql) in storage.shared.sql.all() {
        if ALLOWED.contains(&name) {
            continue;
        }
        let plan = generic_plan(storage, name, sql.as_str()).await;
        whole_reads(&plan, &mut |node| faults.push(format!("`{name}` {when}: {node}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The plan that is kept for all values of the parameters, as JSON.
async fn generic_plan(storage: &Postgres, name: &str, sql: &str) -> Value {
    let parameters = (1..=20).take_while(|n| sql.contains(&format!("${n}"))).count();
    let values = vec!["NULL"; parameters].join(", ");
    let values = if parameters == 0 { String::new() } else { format!("({values})") };
    let mut tx = storage.pool.begin_with(BEGIN.into_sql_str()).await.unwrap();
    for sql in [
        "SET LOCAL plan_cache_mode = force_generic_plan".to_owned(),
        format!("PREPARE plan_of_{name} AS {sql}"),
    ] {
        tx.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.unwrap();
    }
    let explain = format!("EXPLAIN (FORMAT JSON) EXECUTE plan_of_{name}{values}");
    let row = tx.fetch_one(sqlx::raw_sql(AssertSqlSafe(explain))).await.unwrap();
    let plan: String = row.try_get_unchecked(0).unwrap();
    tx.execute(AssertSqlSafe(format!("DEALLOCATE plan_of_{name}"))).await.unwrap();
    serde_json::from_str(&plan).unwrap()
}

fn whole_reads(node: &Value, report: &mut impl FnMut(String)) {
    match node {
        Value::Array(nodes) => nodes.iter().for_each(|node| whole_reads(node, report)),
        Value::Object(fields) => {
            let text = |field: &str| fields.get(field).and_then(Value::as_str).unwrap_or_default();
            let kind = text("Node Type");
            let reads = kind.ends_with("Scan") && LARGE.contains(&text("Relation Name"));
            let by_key = ["Index Cond", "TID Cond"].iter().any(|field| fields.contains_key(*field));
            if reads && !by_key {
                report(format!("{kind} of {}", text("Relation Name")));
            }
            fields.values().for_each(|node| whole_reads(node, report));
        }
        _ => {}
    }
}
