//! [`Tables`] on one connection: which file holds what.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::mysql::{MySqlArguments, MySqlRow};
use sqlx::query::Query;
use sqlx::{MySqlConnection, SqlStr};
use uuid::Uuid;

use super::batch::Batches;
use super::statements::Statements;
use super::{
    batches, claim, edges, history, leases, lines, monitor, places, recurring, retention, running,
    search, servers, states, tags, throttles, throughput, unique,
};
use crate::error::{StorageError, damaged};
use crate::job::{BatchId, JobFailure, JobId};
use crate::storage::batches::{BatchRow, MemberRow};
use crate::storage::model::{
    AttemptRow, AwaitingRow, ClaimParams, Claimed, DeletedRow, EdgeRow, EventRow, FailedRow,
    FinishedRow, Hold, JobRow, Lease, LeaseParams, LineRow, List, Listed, LogRow, Member, NewJob,
    Placed, Placement, ScheduleRow, Settled, StoredLease, TagRow,
};
use crate::storage::monitor::{
    Counts, EventRecord, Holder, JobRecord, LastRun, LogLine, QueueRecord, RunRecord, StepRecord,
    Throughput,
};
use crate::storage::recurring::{FireRow, RecurringRow};
use crate::storage::rows::{self, FromRow};
use crate::storage::search::{Key, Sieve};
use crate::storage::servers::{Beat, KindRow, NewServer, Poll, ServerRow, Signs, Vitals};
use crate::storage::tables::{Result, Tables};
use crate::storage::throttles::{Declared, Passed, SlotRow, ThrottleRow, WaitRow};

/// Bytes of a statement that are not values.
const OVERHEAD: usize = 64 * 1024;

/// What all connections of a pool use.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) sql: Statements,
    /// The same for an application's own transactions.
    pub(super) sql_joined: Statements,
    pub(super) batches: Batches,
    /// Whether statements are prepared once and kept.
    pub(super) keep: bool,
    /// The most bytes of a statement with its values.
    pub(super) largest_packet: usize,
}

/// The tables, as one connection sees them.
pub(crate) struct MySqlTables<'t> {
    conn: &'t mut MySqlConnection,
    pub(super) shared: &'t Shared,
    pub(super) sql: &'t Statements,
    /// In the caller's own transaction, whose view may be older than what is committed.
    pub(super) joined: bool,
}

type Statement<'q> = Query<'q, sqlx::MySql, MySqlArguments>;

impl<'t> MySqlTables<'t> {
    pub(super) fn new(conn: &'t mut MySqlConnection, shared: &'t Shared) -> Self {
        Self { conn, sql: &shared.sql, shared, joined: false }
    }

    pub(super) fn joined(conn: &'t mut MySqlConnection, shared: &'t Shared) -> Self {
        Self { joined: true, sql: &shared.sql_joined, ..Self::new(conn, shared) }
    }

    pub(super) fn query(&self, statement: &SqlStr) -> Statement<'static> {
        sqlx::query(statement.clone())
    }

    /// Gives how many rows there were to be changed.
    pub(super) async fn execute(&mut self, statement: Statement<'_>) -> Result<u64> {
        let statement = statement.persistent(self.shared.keep);
        Ok(statement.execute(&mut *self.conn).await?.rows_affected())
    }

    /// Gives the number that a column of the table has given the row.
    pub(super) async fn insert(&mut self, statement: Statement<'_>) -> Result<i64> {
        let statement = statement.persistent(self.shared.keep);
        let id = statement.execute(&mut *self.conn).await?.last_insert_id();
        i64::try_from(id).map_err(|_| damaged("number of a row", id))
    }

    pub(super) async fn row(&mut self, statement: Statement<'_>) -> Result<Option<MySqlRow>> {
        let statement = statement.persistent(self.shared.keep);
        Ok(statement.fetch_optional(&mut *self.conn).await?)
    }

    pub(super) async fn rows(&mut self, statement: Statement<'_>) -> Result<Vec<MySqlRow>> {
        let statement = statement.persistent(self.shared.keep);
        Ok(statement.fetch_all(&mut *self.conn).await?)
    }

    /// Runs a statement that takes one list.
    pub(super) async fn execute_of(&mut self, sql: &SqlStr, list: &str) -> Result<u64> {
        self.fits(list.len())?;
        let statement = self.query(sql).bind(list);
        self.execute(statement).await
    }

    /// The rows of a statement that takes one list.
    pub(super) async fn rows_of(&mut self, sql: &SqlStr, list: &str) -> Result<Vec<MySqlRow>> {
        self.fits(list.len())?;
        let statement = self.query(sql).bind(list);
        self.rows(statement).await
    }

    pub(super) async fn read<T: FromRow>(&mut self, statement: Statement<'_>) -> Result<Vec<T>> {
        rows::read(&self.rows(statement).await?)
    }

    pub(super) async fn read_one<T: FromRow>(
        &mut self,
        statement: Statement<'_>,
    ) -> Result<Option<T>> {
        rows::read_one(self.row(statement).await?.as_ref())
    }

    /// What a statement that takes one list says.
    pub(super) async fn read_of<T: FromRow>(&mut self, sql: &SqlStr, list: &str) -> Result<Vec<T>> {
        rows::read(&self.rows_of(sql, list).await?)
    }

    /// The next number of those that order the places.
    pub(super) async fn next_number(&mut self) -> Result<u64> {
        let sql = self.sql.next_number.clone();
        let rows = sqlx::raw_sql(sql).fetch_all(&mut *self.conn).await?;
        rows::read_one(rows.first())?.ok_or_else(|| damaged("sequence of places", "none"))
    }

    /// The database would end the connection without a word on which value is too large.
    pub(super) fn fits(&self, bytes: usize) -> Result<()> {
        let limit = self.shared.largest_packet.saturating_sub(OVERHEAD);
        match bytes <= limit {
            true => Ok(()),
            false => Err(StorageError::TooLarge { bytes, limit }),
        }
    }

    pub(super) async fn storage(&mut self) -> Result<Option<Uuid>> {
        let query = self.query(&self.sql.storage);
        self.read_one(query).await
    }
}

/// Implements each method by the function of the same name in the file that stands before it.
macro_rules! implement {
    ($($file:ident { $(fn $name:ident($($arg:ident: $type:ty),*) -> $answer:ty;)+ })+) => {
        impl Tables for MySqlTables<'_> {
            async fn now(&mut self) -> Result<DateTime<Utc>> {
                let query = self.query(&self.sql.now);
                self.read_one(query).await?.ok_or_else(|| damaged("clock", "none"))
            }

            $($(
                async fn $name(&mut self, $($arg: $type),*) -> Result<$answer> {
                    $file::$name(self, $($arg),*).await
                }
            )+)+
        }
    };
}

implement! {
    lines {
        fn insert_ready(jobs: &[NewJob]) -> ();
        fn insert_leased(jobs: &[NewJob], params: &LeaseParams<'_>) -> Option<StoredLease>;
        fn insert_jobs(jobs: &[NewJob]) -> ();
        fn insert_line(rows: &[LineRow]) -> ();
        fn jobs(ids: &[JobId]) -> Vec<JobRow>;
        fn set_inputs(inputs: &[(JobId, String)]) -> ();
    }
    tags {
        fn insert_tags(rows: &[TagRow<'_>]) -> ();
        fn tags(job: JobId) -> Vec<String>;
        fn delete_tags(job: JobId) -> ();
    }
    search {
        fn list(list: List<'_>, after: Key, limit: u32) -> Vec<Listed>;
        fn finished(from: Key, limit: u32) -> Vec<FinishedRow>;
        fn lines() -> Vec<String>;
        fn tag_size(tag: &str, most: u32) -> u32;
        fn sift(jobs: &[JobId], sieve: &Sieve) -> Vec<JobId>;
    }
    claim {
        fn claim(params: &ClaimParams<'_>) -> Vec<Claimed>;
    }
    leases {
        fn lock_leases(ids: &[i64]) -> Vec<Lease>;
        fn leases() -> Vec<Lease>;
        fn leases_of(servers: &[i64]) -> Vec<Lease>;
        fn insert_lease(server: i64, member: &Member) -> i64;
        fn delete_leases(ids: &[i64]) -> ();
        fn revoke(lease: i64, jobs: &[JobId]) -> ();
        fn note_started(started: &[(i64, Vec<JobId>)]) -> ();
    }
    history {
        fn insert_attempts(rows: &[AttemptRow<'_>]) -> ();
        fn attempted(runs: &[(JobId, i32)]) -> Vec<JobId>;
        fn insert_events(rows: &[EventRow]) -> ();
    }
    states {
        fn insert_schedule(rows: &[ScheduleRow]) -> ();
        fn take_due(limit: u32) -> Vec<LineRow>;
        fn insert_failed(rows: &[FailedRow]) -> ();
        fn insert_deleted(rows: &[DeletedRow]) -> ();
        fn insert_expiry(rows: &[(JobId, Duration)]) -> ();
        fn insert_kept(rows: &[(JobId, Duration)]) -> ();
        fn insert_batch_finished(rows: &[(BatchId, Vec<u8>)]) -> ();
    }
    edges {
        fn edges_from(parent: JobId, limit: u32) -> Vec<EdgeRow>;
        fn insert_awaiting(rows: &[AwaitingRow]) -> ();
        fn insert_edges(rows: &[EdgeRow]) -> ();
        fn open_edges(parents: &[JobId]) -> Vec<EdgeRow>;
        fn edges_to(children: &[JobId]) -> Vec<EdgeRow>;
        fn release_edges(rows: &[EdgeRow]) -> ();
        fn count_down(children: &[(JobId, i32)]) -> Vec<AwaitingRow>;
        fn awaiting(jobs: &[JobId]) -> Vec<AwaitingRow>;
        fn delete_awaiting(jobs: &[JobId]) -> Vec<JobId>;
        fn deleted_because_of(parents: &[JobId]) -> Vec<(JobId, JobId)>;
        fn caused(jobs: &[JobId]) -> Vec<JobId>;
    }
    batches {
        fn insert_batches(rows: &[BatchRow]) -> ();
        fn insert_members(rows: &[MemberRow]) -> ();
        fn batches(ids: &[BatchId]) -> Vec<BatchRow>;
        fn lock_batches(ids: &[BatchId]) -> Vec<BatchRow>;
        fn save_batches(rows: &[BatchRow]) -> ();
        fn dropped_batches(parents: &[JobId]) -> Vec<BatchId>;
        fn batch_trees(batches: &[BatchId]) -> Vec<(BatchId, BatchId)>;
        fn members(batch: BatchId, after: i64, limit: u32) -> Vec<MemberRow>;
        fn failed_members(batch: BatchId, after: i64, limit: u32) -> Vec<MemberRow>;
        fn awaiting_members(batches: &[BatchId]) -> Vec<(BatchId, u64)>;
        fn batch_outputs(batch: BatchId) -> Vec<Option<String>>;
        fn recent_batches(before: Option<i64>, limit: u32) -> Vec<BatchRow>;
        fn cancelled_batches(limit: u32) -> Vec<BatchId>;
        fn expired_batches(limit: u32) -> Vec<BatchId>;
        fn take_members(batch: BatchId, limit: u32) -> Vec<MemberRow>;
        fn delete_batches(ids: &[BatchId]) -> ();
    }
    places {
        fn placed(jobs: &[JobId], hold: Hold) -> Vec<Placed>;
        fn look(jobs: &[JobId]) -> Vec<Placed>;
        fn displace(job: JobId, from: Placement) -> bool;
        fn displace_all(places: &[Placed]) -> Vec<JobId>;
        fn settled(jobs: &[JobId]) -> Vec<(JobId, Option<Settled>)>;
        fn unknown_jobs(unseen: Duration, limit: u32) -> Vec<Placed>;
    }
    unique {
        fn take_unique(kind: &str, key: &str, job: JobId) -> Option<(JobId, Duration)>;
        fn set_unique(kind: &str, key: &str, job: JobId) -> ();
        fn rewrite_job(id: JobId, job: &NewJob) -> ();
    }
    throttles {
        fn lock_throttles(wanted: &[Declared]) -> Vec<ThrottleRow>;
        fn lock_throttle_ids(ids: &[i64]) -> Vec<ThrottleRow>;
        fn find_throttle(key: &str) -> Option<ThrottleRow>;
        fn lock_due_throttles(turns: bool, limit: u32) -> Vec<ThrottleRow>;
        fn next_call() -> Option<Duration>;
        fn save_throttles(rows: &[ThrottleRow]) -> ();
        fn passed(since: &[(i64, DateTime<Utc>)]) -> Vec<Passed>;
        fn insert_admissions(counts: &[(i64, i64)], at: DateTime<Utc>) -> ();
        fn prune_admissions(throttle: i64, before: DateTime<Utc>) -> ();
        fn insert_slots(rows: &[SlotRow]) -> ();
        fn free_slots(runs: &[(i64, JobId)]) -> Vec<i64>;
        fn free_slots_of(leases: &[i64]) -> Vec<i64>;
        fn move_slots(job: JobId, from: i64, to: i64) -> ();
        fn count_slots(throttle: i64) -> i64;
        fn insert_waiting(rows: &[WaitRow]) -> ();
        fn take_waiting(throttle: i64, limit: u32) -> Vec<LineRow>;
        fn waits(throttle: i64) -> Option<bool>;
        fn wake_throttles() -> ();
        fn set_members(lease: i64, members: &[Member]) -> ();
        fn line_options(queue: &str, limit: u32) -> Vec<String>;
        fn throttles() -> Vec<(ThrottleRow, i64)>;
    }
    servers {
        fn announce(server: &NewServer) -> i64;
        fn heartbeat(server: i64, silence: Duration, vitals: Vitals) -> Beat;
        fn stop_server(server: i64) -> bool;
        fn depart(server: i64) -> ();
        fn bury_silent(silence: Duration) -> Vec<i64>;
        fn poll(signs: &Signs<'_>) -> Poll;
        fn servers() -> Vec<ServerRow>;
        fn kinds() -> Vec<KindRow>;
        fn set_queue_paused(queue: &str, paused: bool) -> ();
        fn set_server_paused(server: i64, paused: bool) -> bool;
    }
    recurring {
        fn put_recurring(row: &RecurringRow) -> ();
        fn move_recurring(row: &RecurringRow) -> ();
        fn recurring() -> Vec<RecurringRow>;
        fn lock_recurring(id: &str, wait: bool) -> Option<RecurringRow>;
        fn delete_recurring(id: &str) -> bool;
        fn insert_fires(rows: &[FireRow]) -> Vec<DateTime<Utc>>;
        fn fires(recurring: &[String], limit: u32) -> Vec<FireRow>;
    }
    running {
        fn step_output(job: JobId, name: &str) -> Option<String>;
        fn keep_step(job: JobId, name: &str, output: &str) -> ();
        fn count_log(jobs: &[JobId], limit: i64) -> Vec<(JobId, i64)>;
        fn insert_log(rows: &[LogRow]) -> ();
        fn put_progress(rows: &[(JobId, i64, i64)]) -> ();
    }
    retention {
        fn take_finished(keep: Duration, limit: u32) -> Option<Vec<JobId>>;
        fn delete_jobs(ids: &[JobId]) -> ();
        fn expired(limit: u32) -> Vec<JobId>;
        fn forget(age: Duration) -> ();
    }
    throughput {
        fn ends(from: DateTime<Utc>, step: Duration) -> Vec<Throughput>;
        fn counted_ends(from: DateTime<Utc>) -> Vec<Throughput>;
        fn count_ends(step: Duration, before: DateTime<Utc>) -> ();
        fn forget_ends(counted: Duration, failed: Duration) -> ();
        fn insert_run_failed(rows: &[Vec<u8>]) -> ();
        fn run_failed(limit: u32) -> Vec<JobId>;
    }
    monitor {
        fn queues() -> Vec<QueueRecord>;
        fn steps(job: JobId) -> Vec<StepRecord>;
        fn last_runs(jobs: &[JobId]) -> Vec<LastRun>;
        fn kinds_in_line(queue: &str, limit: u32) -> Vec<(String, i64)>;
        fn names_of(jobs: &[JobId]) -> Vec<(JobId, String, String)>;
        fn last_failures(jobs: &[JobId]) -> Vec<(JobId, JobFailure)>;
        fn unique_key(job: JobId) -> Option<String>;
        fn holders(leases: &[i64]) -> Vec<(i64, Holder)>;
        fn records(jobs: &[JobId]) -> Vec<JobRecord>;
        fn runs(job: JobId) -> Vec<RunRecord>;
        fn events(job: JobId) -> Vec<EventRecord>;
        fn log_lines(job: JobId, after: i64, limit: u32) -> Vec<LogLine>;
        fn counts(enqueued: Option<u64>) -> Counts;
        fn recent(limit: u32) -> Vec<JobId>;
    }
}
