//! What a job and a list cost PostgreSQL, held by counts and not by times: statements, commits, rows
//! and bytes of log. Time differs from machine to machine, and a statement too many a job does not.
//!
//! Each bound is about one and a half times what was measured on a calm machine, unless its
//! comment says why it is wider. The client runs on a single thread, on which thousands of
//! enqueues are called before the first is written, so that the sizes of batches do not depend on
//! who is faster.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::print_stdout)] // the figures, for those who run them with --success-output

mod counters;
mod workload;

use counters::Cost;
use workload::{
    BATCHES, JOBS, bulk, bulk_at, counted, counted_once, drain, gather, list_batches, stuck_batches,
};

/// The rows of a job: its record, its place in the line, its attempt.
const TABLES: [&str; 3] = ["job", "job_queue", "job_attempt"];

#[test]
fn gathered_enqueues_share_statement_and_commit() {
    let cost = counted(async |_| (), gather);
    println!("{cost}");

    // 10 batches of 1,000, each one statement that commits itself; for all batches of 5 ms one
    // wake-up, and so at most one for each; and what opens the storage.
    at_most("statements", cost.statements, 0.0032);
    at_most("commits", cost.commits, 0.005);
    // The record and its place, each with the entry of its key.
    at_most("bytes of log", cost.log_bytes, 700.0);
    assert_eq!(cost.rows("job").inserted, JOBS, "{cost}");
    assert_eq!(cost.rows("job_queue").inserted, JOBS, "{cost}");
    nothing_is_updated(&cost);
}

#[test]
fn a_bulk_enqueue_is_one_statement_a_call() {
    let cost = counted(async |_| (), bulk);
    println!("{cost}");

    // 2 calls of 5,000, each with a wake-up, and 2 statements that open the storage.
    at_most("statements", cost.statements, 0.0009);
    at_most("commits", cost.commits, 0.0015);
    at_most("bytes of log", cost.log_bytes, 700.0);
    assert_eq!(cost.rows("job").inserted, JOBS, "{cost}");
    assert_eq!(cost.rows("job_queue").inserted, JOBS, "{cost}");
    nothing_is_updated(&cost);
}

#[test]
fn a_bulk_enqueue_for_a_time_is_three_statements_a_call() {
    let cost = counted(async |_| (), bulk_at);
    println!("{cost}");

    // 2 calls, each of which asks for the time once.
    at_most("statements", cost.statements, 0.0014);
    at_most("commits", cost.commits, 0.0015);
    assert_eq!(cost.rows("job").inserted, JOBS, "{cost}");
    assert_eq!(cost.rows("job_schedule").inserted, JOBS, "{cost}");
    nothing_is_updated(&cost);
}

#[test]
fn a_drain_claims_and_completes_in_batches() {
    let cost = counted(bulk, drain);
    println!("{cost}");

    // A claim takes what the workers will start in a tenth of a second, a completion what ended
    // while the one before was written. Both become smaller where the database is slow beside
    // the client, so these bounds are some ten times what was measured (0.006 and 0.005); a
    // statement or a commit for each job is ten times beyond them again.
    at_most("statements", cost.statements, 0.1);
    at_most("commits", cost.commits, 0.05);
    // The end of the place, the attempt with its two keys, 32 bytes of a lease.
    at_most("bytes of log", cost.log_bytes, 630.0);
    assert_eq!(cost.rows("job").inserted, 0, "{cost}");
    assert_eq!(cost.rows("job_attempt").inserted, JOBS, "{cost}");
    // Jobs that were claimed too early are given back, and claimed again.
    at_most("deleted places", cost.rows("job_queue").deleted as f64 / JOBS as f64, 1.5);
    nothing_is_updated(&cost);
}

#[test]
fn a_list_of_batches_costs_the_same_however_many_are_open() {
    let cost = counted_once(stuck_batches, list_batches);
    println!("{cost}");

    // The list, what is inside its batches, their rows, who waits in them; and 2 statements that
    // open the storage. A statement for each batch would be far beyond it.
    at_most("statements", cost.statements, 8.0);
    const { assert!(BATCHES > 8) };
}

/// Outcomes are appended (ADR 0001).
fn nothing_is_updated(cost: &Cost) {
    for table in TABLES {
        assert_eq!(cost.rows(table).updated, 0, "`{table}` was updated: {cost}");
    }
}

fn at_most(what: &str, count: f64, bound: f64) {
    assert!(count <= bound, "{count} {what} are more than {bound}");
}
