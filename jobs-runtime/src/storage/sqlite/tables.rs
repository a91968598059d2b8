//! The statements of [`Tables`], each in the file of its subject.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::SqlStr;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow};
use tokio::time::Instant;

use super::link::{self, Link};
use super::{
    Sqlite, batches, claims, edges, history, leases, lines, monitor, places, recurring, retention,
    running, search, servers, states, tags, throttles, throughput, unique, values,
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

/// The tables as one open transaction sees them.
pub(crate) struct SqliteTables<'t> {
    pub(super) storage: &'t Sqlite,
    on: On<'t>,
}

enum On<'t> {
    Own(&'t mut Link),
    /// The caller's own transaction.
    Joined(&'t mut SqliteConnection),
}

type Statement<'q> = Query<'q, sqlx::Sqlite, SqliteArguments>;

impl<'t> SqliteTables<'t> {
    pub(super) fn of(storage: &'t Sqlite, link: &'t mut Link) -> Self {
        Self { storage, on: On::Own(link) }
    }

    pub(super) fn joined(storage: &'t Sqlite, connection: &'t mut SqliteConnection) -> Self {
        Self { storage, on: On::Joined(connection) }
    }

    pub(super) fn clock(&self) -> i64 {
        self.storage.now()
    }

    /// Gives how many rows were changed.
    pub(super) async fn execute(&mut self, statement: Statement<'_>) -> Result<u64> {
        let began = Instant::now();
        let done = statement.execute(self.connection()?).await;
        done.map(|done| done.rows_affected()).map_err(|error| self.error(error, began))
    }

    pub(super) async fn row(&mut self, statement: Statement<'_>) -> Result<Option<SqliteRow>> {
        let began = Instant::now();
        let row = statement.fetch_optional(self.connection()?).await;
        row.map_err(|error| self.error(error, began))
    }

    pub(super) async fn rows(&mut self, statement: Statement<'_>) -> Result<Vec<SqliteRow>> {
        let began = Instant::now();
        let rows = statement.fetch_all(self.connection()?).await;
        rows.map_err(|error| self.error(error, began))
    }

    /// The rows of a statement that takes one list.
    pub(super) async fn rows_of(&mut self, sql: &SqlStr, list: String) -> Result<Vec<SqliteRow>> {
        self.rows(sqlx::query(sql.clone()).bind(list)).await
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
    pub(super) async fn read_of<T: FromRow>(
        &mut self,
        sql: &SqlStr,
        list: String,
    ) -> Result<Vec<T>> {
        self.read(sqlx::query(sql.clone()).bind(list)).await
    }

    /// The first of `count` new places.
    pub(super) async fn next_seqs(&mut self, count: usize) -> Result<i64> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let sql = self.storage.statements.next_seqs.clone();
        let last: Option<i64> = self.read_one(sqlx::query(sql).bind(count)).await?;
        let last = last.ok_or_else(|| damaged("sequence of places", "none"))?;
        Ok(last - count + 1)
    }

    fn connection(&mut self) -> Result<&mut SqliteConnection> {
        Ok(match &mut self.on {
            On::Own(link) => link.connection()?,
            On::Joined(connection) => connection,
        })
    }

    fn error(&self, error: sqlx::Error, began: Instant) -> StorageError {
        match self.on {
            On::Own(_) => self.storage.error(error),
            On::Joined(_) if link::is_stale(&error) => StorageError::Stale,
            On::Joined(_) if link::is_locked(&error) => self.storage.locked(began.elapsed()),
            On::Joined(_) => error.into(),
        }
    }
}

/// `name(arguments) -> Output = module;` calls the function of that name in that module.
macro_rules! tables {
    ($($name:ident($($argument:ident: $type:ty),*) -> $output:ty = $module:ident;)+) => {
        impl Tables for SqliteTables<'_> {
            async fn now(&mut self) -> Result<DateTime<Utc>> {
                values::instant(self.clock())
            }

            $(async fn $name(&mut self, $($argument: $type),*) -> Result<$output> {
                $module::$name(self, $($argument),*).await
            })+
        }
    };
}

tables! {
    insert_ready(jobs: &[NewJob]) -> () = lines;
    insert_leased(jobs: &[NewJob], params: &LeaseParams<'_>) -> Option<StoredLease> = lines;
    insert_jobs(jobs: &[NewJob]) -> () = lines;
    insert_line(rows: &[LineRow]) -> () = lines;
    claim(params: &ClaimParams<'_>) -> Vec<Claimed> = claims;
    jobs(ids: &[JobId]) -> Vec<JobRow> = lines;
    set_inputs(inputs: &[(JobId, String)]) -> () = lines;
    insert_tags(rows: &[TagRow<'_>]) -> () = tags;
    tags(job: JobId) -> Vec<String> = tags;
    delete_tags(job: JobId) -> () = tags;
    delete_jobs(ids: &[JobId]) -> () = retention;

    lock_leases(ids: &[i64]) -> Vec<Lease> = leases;
    leases_of(servers: &[i64]) -> Vec<Lease> = leases;
    insert_lease(server: i64, member: &Member) -> i64 = leases;
    delete_leases(ids: &[i64]) -> () = leases;
    revoke(lease: i64, jobs: &[JobId]) -> () = leases;
    note_started(started: &[(i64, Vec<JobId>)]) -> () = leases;

    insert_attempts(rows: &[AttemptRow<'_>]) -> () = history;
    attempted(runs: &[(JobId, i32)]) -> Vec<JobId> = history;
    insert_events(rows: &[EventRow]) -> () = history;

    insert_schedule(rows: &[ScheduleRow]) -> () = states;
    take_due(limit: u32) -> Vec<LineRow> = states;
    insert_failed(rows: &[FailedRow]) -> () = states;
    insert_deleted(rows: &[DeletedRow]) -> () = states;
    insert_expiry(rows: &[(JobId, Duration)]) -> () = states;
    insert_kept(rows: &[(JobId, Duration)]) -> () = states;
    insert_batch_finished(rows: &[(BatchId, Vec<u8>)]) -> () = states;

    insert_awaiting(rows: &[AwaitingRow]) -> () = edges;
    insert_edges(rows: &[EdgeRow]) -> () = edges;
    open_edges(parents: &[JobId]) -> Vec<EdgeRow> = edges;
    edges_to(children: &[JobId]) -> Vec<EdgeRow> = edges;
    release_edges(rows: &[EdgeRow]) -> () = edges;
    count_down(children: &[(JobId, i32)]) -> Vec<AwaitingRow> = edges;
    awaiting(jobs: &[JobId]) -> Vec<AwaitingRow> = edges;
    delete_awaiting(jobs: &[JobId]) -> Vec<JobId> = edges;
    deleted_because_of(parents: &[JobId]) -> Vec<(JobId, JobId)> = edges;
    caused(jobs: &[JobId]) -> Vec<JobId> = edges;

    insert_batches(rows: &[BatchRow]) -> () = batches;
    insert_members(rows: &[MemberRow]) -> () = batches;
    batches(ids: &[BatchId]) -> Vec<BatchRow> = batches;
    lock_batches(ids: &[BatchId]) -> Vec<BatchRow> = batches;
    save_batches(rows: &[BatchRow]) -> () = batches;
    dropped_batches(parents: &[JobId]) -> Vec<BatchId> = batches;
    batch_trees(ids: &[BatchId]) -> Vec<(BatchId, BatchId)> = batches;
    members(batch: BatchId, after: i64, limit: u32) -> Vec<MemberRow> = batches;
    failed_members(batch: BatchId, after: i64, limit: u32) -> Vec<MemberRow> = batches;
    awaiting_members(ids: &[BatchId]) -> Vec<(BatchId, u64)> = batches;
    batch_outputs(batch: BatchId) -> Vec<Option<String>> = batches;
    recent_batches(before: Option<i64>, limit: u32) -> Vec<BatchRow> = batches;
    cancelled_batches(limit: u32) -> Vec<BatchId> = batches;
    expired_batches(limit: u32) -> Vec<BatchId> = batches;
    take_members(batch: BatchId, limit: u32) -> Vec<MemberRow> = batches;
    delete_batches(ids: &[BatchId]) -> () = batches;

    placed(jobs: &[JobId], hold: Hold) -> Vec<Placed> = places;
    displace(job: JobId, from: Placement) -> bool = places;
    displace_all(places: &[Placed]) -> Vec<JobId> = places;
    settled(jobs: &[JobId]) -> Vec<(JobId, Option<Settled>)> = places;

    take_unique(kind: &str, key: &str, job: JobId) -> Option<(JobId, Duration)> = unique;
    set_unique(kind: &str, key: &str, job: JobId) -> () = unique;
    rewrite_job(id: JobId, job: &NewJob) -> () = unique;

    lock_throttles(wanted: &[Declared]) -> Vec<ThrottleRow> = throttles;
    lock_throttle_ids(ids: &[i64]) -> Vec<ThrottleRow> = throttles;
    find_throttle(key: &str) -> Option<ThrottleRow> = throttles;
    lock_due_throttles(turns: bool, limit: u32) -> Vec<ThrottleRow> = throttles;
    next_call() -> Option<Duration> = throttles;
    save_throttles(rows: &[ThrottleRow]) -> () = throttles;
    passed(since: &[(i64, DateTime<Utc>)]) -> Vec<Passed> = throttles;
    insert_admissions(counts: &[(i64, i64)], at: DateTime<Utc>) -> () = throttles;
    prune_admissions(throttle: i64, before: DateTime<Utc>) -> () = throttles;
    insert_slots(rows: &[SlotRow]) -> () = throttles;
    free_slots(runs: &[(i64, JobId)]) -> Vec<i64> = throttles;
    free_slots_of(leases: &[i64]) -> Vec<i64> = throttles;
    move_slots(job: JobId, from: i64, to: i64) -> () = throttles;
    count_slots(throttle: i64) -> i64 = throttles;
    insert_waiting(rows: &[WaitRow]) -> () = throttles;
    take_waiting(throttle: i64, limit: u32) -> Vec<LineRow> = throttles;
    waits(throttle: i64) -> Option<bool> = throttles;
    wake_throttles() -> () = throttles;
    set_members(lease: i64, members: &[Member]) -> () = throttles;
    line_options(queue: &str, limit: u32) -> Vec<String> = throttles;
    throttles() -> Vec<(ThrottleRow, i64)> = throttles;

    announce(server: &NewServer) -> i64 = servers;
    heartbeat(server: i64, silence: Duration, vitals: Vitals) -> Beat = servers;
    stop_server(server: i64) -> bool = servers;
    depart(server: i64) -> () = servers;
    bury_silent(silence: Duration) -> Vec<i64> = servers;
    poll(signs: &Signs<'_>) -> Poll = servers;
    servers() -> Vec<ServerRow> = servers;
    kinds() -> Vec<KindRow> = servers;
    unknown_jobs(unseen: Duration, limit: u32) -> Vec<Placed> = places;
    set_queue_paused(queue: &str, paused: bool) -> () = servers;
    set_server_paused(server: i64, paused: bool) -> bool = servers;

    put_recurring(row: &RecurringRow) -> () = recurring;
    move_recurring(row: &RecurringRow) -> () = recurring;
    recurring() -> Vec<RecurringRow> = recurring;
    lock_recurring(id: &str, wait: bool) -> Option<RecurringRow> = recurring;
    delete_recurring(id: &str) -> bool = recurring;
    insert_fires(rows: &[FireRow]) -> Vec<DateTime<Utc>> = recurring;

    step_output(job: JobId, name: &str) -> Option<String> = running;
    keep_step(job: JobId, name: &str, output: &str) -> () = running;
    count_log(jobs: &[JobId], limit: i64) -> Vec<(JobId, i64)> = running;
    insert_log(rows: &[LogRow]) -> () = running;
    put_progress(rows: &[(JobId, i64, i64)]) -> () = running;

    take_finished(keep: Duration, limit: u32) -> Option<Vec<JobId>> = retention;
    expired(limit: u32) -> Vec<JobId> = retention;
    forget(age: Duration) -> () = retention;

    records(jobs: &[JobId]) -> Vec<JobRecord> = monitor;
    runs(job: JobId) -> Vec<RunRecord> = monitor;
    events(job: JobId) -> Vec<EventRecord> = monitor;
    log_lines(job: JobId, after: i64, limit: u32) -> Vec<LogLine> = monitor;
    queues() -> Vec<QueueRecord> = monitor;
    steps(job: JobId) -> Vec<StepRecord> = monitor;
    last_runs(jobs: &[JobId]) -> Vec<LastRun> = monitor;
    unique_key(job: JobId) -> Option<String> = monitor;
    holders(leases: &[i64]) -> Vec<(i64, Holder)> = monitor;
    look(jobs: &[JobId]) -> Vec<Placed> = places;
    kinds_in_line(queue: &str, limit: u32) -> Vec<(String, i64)> = monitor;
    names_of(jobs: &[JobId]) -> Vec<(JobId, String, String)> = monitor;
    last_failures(jobs: &[JobId]) -> Vec<(JobId, JobFailure)> = monitor;
    fires(recurring: &[String], limit: u32) -> Vec<FireRow> = recurring;
    ends(from: DateTime<Utc>, step: Duration) -> Vec<Throughput> = throughput;
    counted_ends(from: DateTime<Utc>) -> Vec<Throughput> = throughput;
    count_ends(step: Duration, before: DateTime<Utc>) -> () = throughput;
    forget_ends(counted: Duration, failed: Duration) -> () = throughput;
    insert_run_failed(rows: &[Vec<u8>]) -> () = throughput;
    run_failed(limit: u32) -> Vec<JobId> = throughput;
    edges_from(parent: JobId, limit: u32) -> Vec<EdgeRow> = edges;
    counts(enqueued: Option<u64>) -> Counts = monitor;
    recent(limit: u32) -> Vec<JobId> = monitor;

    list(list: List<'_>, after: Key, limit: u32) -> Vec<Listed> = search;
    finished(from: Key, limit: u32) -> Vec<FinishedRow> = search;
    leases() -> Vec<Lease> = leases;
    lines() -> Vec<String> = search;
    tag_size(tag: &str, most: u32) -> u32 = search;
    sift(jobs: &[JobId], sieve: &Sieve) -> Vec<JobId> = search;
}
