//! The statements that every database must offer, each on one transaction.
//!
//! What can be decided in Rust is decided in [`ops`](super::ops), once; an implementation of
//! [`Tables`] holds only SQL. All instants are the database's: a row is given durations, and the
//! statement adds them to its own clock.

use std::future::Future;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::batches::{BatchRow, MemberRow};
use super::model::{
    AttemptRow, AwaitingRow, ClaimParams, Claimed, DeletedRow, EdgeRow, EventRow, FailedRow,
    FinishedRow, Hold, JobRow, Lease, LeaseParams, LineRow, List, Listed, LogRow, Member, NewJob,
    Placed, Placement, ScheduleRow, Settled, StoredLease, TagRow,
};
use super::monitor::{
    Counts, EventRecord, Holder, JobRecord, LastRun, LogLine, QueueRecord, RunRecord, StepRecord,
    Throughput,
};
use super::recurring::{FireRow, RecurringRow};
use super::search::{Key, Sieve};
use super::servers::{Beat, KindRow, NewServer, Poll, ServerRow, Signs, Vitals};
use super::throttles::{Declared, Passed, SlotRow, ThrottleRow, WaitRow};
use crate::error::StorageError;
use crate::job::{BatchId, JobFailure, JobId};

pub(crate) type Result<T> = std::result::Result<T, StorageError>;

/// One open transaction, or, where a single statement is all, one connection.
pub(crate) trait Tables: Send {
    /// The database's clock.
    fn now(&mut self) -> impl Future<Output = Result<DateTime<Utc>>> + Send;

    // Records and the line.

    /// Stores records and their places at the end of the line, in this order.
    fn insert_ready(&mut self, jobs: &[NewJob]) -> impl Future<Output = Result<()>> + Send;
    /// Stores records and leases them to the server, if that lives and nothing else that it could
    /// take is in the line of their queue, which is not paused; else as [`insert_ready`].
    ///
    /// [`insert_ready`]: Tables::insert_ready
    fn insert_leased(
        &mut self,
        jobs: &[NewJob],
        params: &LeaseParams<'_>,
    ) -> impl Future<Output = Result<Option<StoredLease>>> + Send;
    /// Stores records alone; the caller places them.
    fn insert_jobs(&mut self, jobs: &[NewJob]) -> impl Future<Output = Result<()>> + Send;
    /// Places known jobs in the line, in this order, and notes each place in its record.
    fn insert_line(&mut self, rows: &[LineRow]) -> impl Future<Output = Result<()>> + Send;
    /// Takes jobs of queues that are not paused from their lines, by priority and place, and leases
    /// them: the solo ones each alone, the others together. The result keeps their order.
    fn claim(
        &mut self,
        params: &ClaimParams<'_>,
    ) -> impl Future<Output = Result<Vec<Claimed>>> + Send;
    /// The records with these ids, as far as they exist.
    fn jobs(&mut self, ids: &[JobId]) -> impl Future<Output = Result<Vec<JobRow>>> + Send;
    /// Stores what the parents of jobs have handed over.
    fn set_inputs(&mut self, inputs: &[(JobId, String)])
    -> impl Future<Output = Result<()>> + Send;
    /// Removes records and everything that hangs on them: attempts, events, edges from and to
    /// them, their rows in every narrow table, tags, steps, log, unique keys.
    fn delete_jobs(&mut self, ids: &[JobId]) -> impl Future<Output = Result<()>> + Send;

    // Tags.

    /// Stores tags of known jobs, in this order; one that a job has already is passed over.
    fn insert_tags(&mut self, rows: &[TagRow<'_>]) -> impl Future<Output = Result<()>> + Send;
    /// The tags of a job, in the order in which it got them.
    fn tags(&mut self, job: JobId) -> impl Future<Output = Result<Vec<String>>> + Send;
    fn delete_tags(&mut self, job: JobId) -> impl Future<Output = Result<()>> + Send;

    // Leases.

    /// Locks the leases with these ids that still exist, in ascending order. Only `id` and
    /// `revoked` need be filled.
    fn lock_leases(&mut self, ids: &[i64]) -> impl Future<Output = Result<Vec<Lease>>> + Send;
    /// Locks and reads all leases of these servers.
    fn leases_of(&mut self, servers: &[i64]) -> impl Future<Output = Result<Vec<Lease>>> + Send;
    /// Leases one job that is running to its server; gives the id of the lease.
    fn insert_lease(
        &mut self,
        server: i64,
        member: &Member,
    ) -> impl Future<Output = Result<i64>> + Send;
    fn delete_leases(&mut self, ids: &[i64]) -> impl Future<Output = Result<()>> + Send;
    /// Adds to the revoked members of a lease.
    fn revoke(&mut self, lease: i64, jobs: &[JobId]) -> impl Future<Output = Result<()>> + Send;
    /// Notes which members of leases are running, now; adds to those noted before.
    fn note_started(
        &mut self,
        started: &[(i64, Vec<JobId>)],
    ) -> impl Future<Output = Result<()>> + Send;

    // History.

    /// Appends finished runs, and lists the jobs that have succeeded for [`take_finished`].
    ///
    /// [`take_finished`]: Tables::take_finished
    fn insert_attempts(
        &mut self,
        rows: &[AttemptRow<'_>],
    ) -> impl Future<Output = Result<()>> + Send;
    /// What each batch of ended runs comes to: appends them, deletes the leases that they have
    /// used up, and gives the open edges from the jobs that have settled.
    fn end_runs(
        &mut self,
        runs: &[AttemptRow<'_>],
        used_up: &[i64],
        settled: &[JobId],
    ) -> impl Future<Output = Result<Vec<EdgeRow>>> + Send {
        end_runs_by_steps(self, runs, used_up, settled)
    }
    /// Those of these runs that have an attempt row.
    fn attempted(
        &mut self,
        runs: &[(JobId, i32)],
    ) -> impl Future<Output = Result<Vec<JobId>>> + Send;
    fn insert_events(&mut self, rows: &[EventRow]) -> impl Future<Output = Result<()>> + Send;

    // The narrow tables of the rarer states.

    fn insert_schedule(&mut self, rows: &[ScheduleRow]) -> impl Future<Output = Result<()>> + Send;
    /// Takes up to `limit` jobs whose time has come, the earliest first; others that are locked
    /// are passed over. The rows name no place.
    fn take_due(&mut self, limit: u32) -> impl Future<Output = Result<Vec<LineRow>>> + Send;
    fn insert_failed(&mut self, rows: &[FailedRow]) -> impl Future<Output = Result<()>> + Send;
    fn insert_deleted(&mut self, rows: &[DeletedRow]) -> impl Future<Output = Result<()>> + Send;
    /// Notes for how long from now settled jobs are kept: deleted ones, and others with a time of
    /// their own.
    fn insert_expiry(
        &mut self,
        rows: &[(JobId, Duration)],
    ) -> impl Future<Output = Result<()>> + Send;
    /// The same for jobs that have just succeeded, which [`List::Kept`] lists.
    fn insert_kept(
        &mut self,
        rows: &[(JobId, Duration)],
    ) -> impl Future<Output = Result<()>> + Send;

    /// Lists jobs that have just succeeded as members of batches.
    fn insert_batch_finished(
        &mut self,
        rows: &[(BatchId, Vec<u8>)],
    ) -> impl Future<Output = Result<()>> + Send;

    // Continuations.

    fn insert_awaiting(&mut self, rows: &[AwaitingRow]) -> impl Future<Output = Result<()>> + Send;
    fn insert_edges(&mut self, rows: &[EdgeRow]) -> impl Future<Output = Result<()>> + Send;
    /// The edges from these parents that have not released yet.
    fn open_edges(
        &mut self,
        parents: &[JobId],
    ) -> impl Future<Output = Result<Vec<EdgeRow>>> + Send;
    /// All edges to these children, by child and position.
    fn edges_to(&mut self, children: &[JobId])
    -> impl Future<Output = Result<Vec<EdgeRow>>> + Send;
    /// Marks edges as released, with what they hand over.
    fn release_edges(&mut self, rows: &[EdgeRow]) -> impl Future<Output = Result<()>> + Send;
    /// Takes so many from the pending edges of each child that still awaits, children in
    /// ascending order; gives the rows as they are then.
    fn count_down(
        &mut self,
        children: &[(JobId, i32)],
    ) -> impl Future<Output = Result<Vec<AwaitingRow>>> + Send;
    /// The awaiting rows of those of these jobs that await, or are Deleted and did so before.
    fn awaiting(&mut self, jobs: &[JobId])
    -> impl Future<Output = Result<Vec<AwaitingRow>>> + Send;
    /// Takes jobs that await out of that state; gives those that were in it.
    fn delete_awaiting(
        &mut self,
        jobs: &[JobId],
    ) -> impl Future<Output = Result<Vec<JobId>>> + Send;
    /// Jobs that are Deleted because of the end of one of these parents, in ascending order, each
    /// with its parent.
    fn deleted_because_of(
        &mut self,
        parents: &[JobId],
    ) -> impl Future<Output = Result<Vec<(JobId, JobId)>>> + Send;
    /// Those of these Deleted jobs that are so because of a parent's end.
    fn caused(&mut self, jobs: &[JobId]) -> impl Future<Output = Result<Vec<JobId>>> + Send;

    // Batches.

    /// Stores batches, in this order. The times are the database's.
    fn insert_batches(&mut self, rows: &[BatchRow]) -> impl Future<Output = Result<()>> + Send;
    fn insert_members(&mut self, rows: &[MemberRow]) -> impl Future<Output = Result<()>> + Send;
    fn batches(&mut self, ids: &[BatchId]) -> impl Future<Output = Result<Vec<BatchRow>>> + Send;
    /// The same, locked in ascending order until the transaction ends.
    fn lock_batches(
        &mut self,
        ids: &[BatchId],
    ) -> impl Future<Output = Result<Vec<BatchRow>>> + Send;
    /// Writes what may change of locked batches.
    fn save_batches(&mut self, rows: &[BatchRow]) -> impl Future<Output = Result<()>> + Send;
    /// The batches that are not needed because of the end of one of these parents.
    fn dropped_batches(
        &mut self,
        parents: &[JobId],
    ) -> impl Future<Output = Result<Vec<BatchId>>> + Send;
    /// These batches and all batches inside them, each with the one of these that it is in, and
    /// after the one around it.
    fn batch_trees(
        &mut self,
        batches: &[BatchId],
    ) -> impl Future<Output = Result<Vec<(BatchId, BatchId)>>> + Send;
    /// Up to `limit` members behind this position, in their order.
    fn members(
        &mut self,
        batch: BatchId,
        after: i64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<MemberRow>>> + Send;
    /// Those of them that are Failed jobs.
    fn failed_members(
        &mut self,
        batch: BatchId,
        after: i64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<MemberRow>>> + Send;
    /// How many jobs of these batches await, but for batches in which none does.
    fn awaiting_members(
        &mut self,
        batches: &[BatchId],
    ) -> impl Future<Output = Result<Vec<(BatchId, u64)>>> + Send;
    /// What the latest success of each job of a batch returned, in the order of the members.
    fn batch_outputs(
        &mut self,
        batch: BatchId,
    ) -> impl Future<Output = Result<Vec<Option<String>>>> + Send;
    /// Up to `limit` batches before this one in the order in which they were stored, newest
    /// first, without those inside others.
    fn recent_batches(
        &mut self,
        before: Option<i64>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<BatchRow>>> + Send;
    /// Batches that were cancelled and have not come to their end.
    fn cancelled_batches(
        &mut self,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<BatchId>>> + Send;
    /// Locks batches whose time has passed, passing over those that are locked.
    fn expired_batches(&mut self, limit: u32) -> impl Future<Output = Result<Vec<BatchId>>> + Send;
    /// Takes up to `limit` members from the list of a batch.
    fn take_members(
        &mut self,
        batch: BatchId,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<MemberRow>>> + Send;
    /// Removes batches that have no members any longer.
    fn delete_batches(&mut self, ids: &[BatchId]) -> impl Future<Output = Result<()>> + Send;

    // Places of single jobs.

    /// Where these jobs are, as far as they exist. Each row that places one is locked against
    /// being moved until the transaction ends; a row that has moved on meanwhile is looked for
    /// again.
    fn placed(
        &mut self,
        jobs: &[JobId],
        hold: Hold,
    ) -> impl Future<Output = Result<Vec<Placed>>> + Send;
    /// Takes a job from its place, if it is still there: deletes the row, or revokes it from its
    /// lease, or marks the successful attempt as superseded. Its expiry goes as well.
    fn displace(
        &mut self,
        job: JobId,
        from: Placement,
    ) -> impl Future<Output = Result<bool>> + Send;
    /// [`displace`](Tables::displace) for many jobs; gives those that were still in their places.
    fn displace_all(
        &mut self,
        places: &[Placed],
    ) -> impl Future<Output = Result<Vec<JobId>>> + Send {
        displace_one_by_one(self, places)
    }
    /// [`placed`](Tables::placed) for looking only: nothing is locked.
    fn look(&mut self, jobs: &[JobId]) -> impl Future<Output = Result<Vec<Placed>>> + Send;
    /// Those of these jobs that are settled, and how; `None` for one that does not exist.
    fn settled(
        &mut self,
        jobs: &[JobId],
    ) -> impl Future<Output = Result<Vec<(JobId, Option<Settled>)>>> + Send;

    // Unique keys.

    /// Locks the key and makes `job` its holder if it had none; else gives the holder and how
    /// long it has held the key.
    fn take_unique(
        &mut self,
        kind: &str,
        key: &str,
        job: JobId,
    ) -> impl Future<Output = Result<Option<(JobId, Duration)>>> + Send;
    /// Makes `job` the holder from now on.
    fn set_unique(
        &mut self,
        kind: &str,
        key: &str,
        job: JobId,
    ) -> impl Future<Output = Result<()>> + Send;
    /// Gives a job that has not started new arguments and settings.
    fn rewrite_job(&mut self, id: JobId, job: &NewJob) -> impl Future<Output = Result<()>> + Send;

    // Throttles.

    /// Locks these throttles, in ascending order, which is that of the arguments; makes those that
    /// do not exist. What is stored of the others is not changed.
    fn lock_throttles(
        &mut self,
        wanted: &[Declared],
    ) -> impl Future<Output = Result<Vec<ThrottleRow>>> + Send;
    /// The same by their ids.
    fn lock_throttle_ids(
        &mut self,
        ids: &[i64],
    ) -> impl Future<Output = Result<Vec<ThrottleRow>>> + Send;
    /// The same for one that exists, outside any queue.
    fn find_throttle(
        &mut self,
        key: &str,
    ) -> impl Future<Output = Result<Option<ThrottleRow>>> + Send;
    /// Locks up to `limit` throttles, or turns of keys, whose time to look has come, passing over
    /// those that are locked.
    fn lock_due_throttles(
        &mut self,
        turns: bool,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<ThrottleRow>>> + Send;
    /// In how long the next throttle is to be looked at, zero if its time has come.
    fn next_call(&mut self) -> impl Future<Output = Result<Option<Duration>>> + Send;
    /// Writes throttles that are locked.
    fn save_throttles(&mut self, rows: &[ThrottleRow]) -> impl Future<Output = Result<()>> + Send;
    /// What each of these has let through after that instant, if anything.
    fn passed(
        &mut self,
        since: &[(i64, DateTime<Utc>)],
    ) -> impl Future<Output = Result<Vec<Passed>>> + Send;
    /// Notes how many each of these lets through at that instant.
    fn insert_admissions(
        &mut self,
        counts: &[(i64, i64)],
        at: DateTime<Utc>,
    ) -> impl Future<Output = Result<()>> + Send;
    /// Forgets what a throttle has let through before that instant.
    fn prune_admissions(
        &mut self,
        throttle: i64,
        before: DateTime<Utc>,
    ) -> impl Future<Output = Result<()>> + Send;
    fn insert_slots(&mut self, rows: &[SlotRow]) -> impl Future<Output = Result<()>> + Send;
    /// Frees the slots of runs, each named by lease and job; gives the throttle of each slot.
    fn free_slots(
        &mut self,
        runs: &[(i64, JobId)],
    ) -> impl Future<Output = Result<Vec<i64>>> + Send;
    /// Has the slots of a run go along with it to another lease.
    fn move_slots(
        &mut self,
        job: JobId,
        from: i64,
        to: i64,
    ) -> impl Future<Output = Result<()>> + Send;
    /// Frees all slots of these leases; gives the throttle of each.
    fn free_slots_of(&mut self, leases: &[i64]) -> impl Future<Output = Result<Vec<i64>>> + Send;
    /// Frees the slots whose lease does not exist, passing over those that are locked; gives how
    /// many there are then.
    fn count_slots(&mut self, throttle: i64) -> impl Future<Output = Result<i64>> + Send;
    /// Has known jobs wait, in this order.
    fn insert_waiting(&mut self, rows: &[WaitRow]) -> impl Future<Output = Result<()>> + Send;
    /// Takes up to `limit` jobs from those that wait for a throttle, the first ones by priority and
    /// place, passing over those of paused queues and those that are locked. The rows name their
    /// former places.
    fn take_waiting(
        &mut self,
        throttle: i64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<LineRow>>> + Send;
    /// Whether jobs wait for a throttle, and then whether one is in a queue that is not paused.
    fn waits(&mut self, throttle: i64) -> impl Future<Output = Result<Option<bool>>> + Send;
    /// Has all throttles looked at for which jobs wait.
    fn wake_throttles(&mut self) -> impl Future<Output = Result<()>> + Send;
    /// Writes what is left of a lease that was made in this transaction.
    fn set_members(
        &mut self,
        lease: i64,
        members: &[Member],
    ) -> impl Future<Output = Result<()>> + Send;
    /// The options of the first jobs of a line, empty where they have none: up to `limit`.
    fn line_options(
        &mut self,
        queue: &str,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<String>>> + Send;
    /// All throttles by key, each with how many jobs wait for it.
    fn throttles(&mut self) -> impl Future<Output = Result<Vec<(ThrottleRow, i64)>>> + Send;

    // Servers and kinds.

    /// Announces a server and the kinds it knows; gives its id.
    fn announce(&mut self, server: &NewServer) -> impl Future<Output = Result<i64>> + Send;
    /// Notes that a server lives, and how it is; after a `silence` as long as this, that it lives again.
    fn heartbeat(
        &mut self,
        server: i64,
        silence: Duration,
        vitals: Vitals,
    ) -> impl Future<Output = Result<Beat>> + Send;
    fn depart(&mut self, server: i64) -> impl Future<Output = Result<()>> + Send;
    /// Locks servers whose last heartbeat is older than this, passing over those that another
    /// rescuer has locked, and marks them dead.
    fn bury_silent(&mut self, silence: Duration) -> impl Future<Output = Result<Vec<i64>>> + Send;
    /// What there is to do: one statement, sent about once a second while idle.
    fn poll(&mut self, signs: &Signs<'_>) -> impl Future<Output = Result<Poll>> + Send;
    fn servers(&mut self) -> impl Future<Output = Result<Vec<ServerRow>>> + Send;
    fn kinds(&mut self) -> impl Future<Output = Result<Vec<KindRow>>> + Send;
    /// Jobs in the line or due whose kind no live server has announced for `unseen`, and which
    /// are that old themselves: up to `limit`.
    fn unknown_jobs(
        &mut self,
        unseen: Duration,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Placed>>> + Send;
    fn set_queue_paused(
        &mut self,
        queue: &str,
        paused: bool,
    ) -> impl Future<Output = Result<()>> + Send;
    fn set_server_paused(
        &mut self,
        server: i64,
        paused: bool,
    ) -> impl Future<Output = Result<bool>> + Send;

    /// Asks a server to stop; `false` if it has gone.
    fn stop_server(&mut self, server: i64) -> impl Future<Output = Result<bool>> + Send;

    // Recurring schedules.

    /// Stores a schedule, or overwrites all of it; a change that servers watch for.
    fn put_recurring(&mut self, row: &RecurringRow) -> impl Future<Output = Result<()>> + Send;
    /// Stores where a schedule stands (`next_at`, `last_at`, `last_job`, `error`), which is not a
    /// change that servers watch for.
    fn move_recurring(&mut self, row: &RecurringRow) -> impl Future<Output = Result<()>> + Send;
    fn recurring(&mut self) -> impl Future<Output = Result<Vec<RecurringRow>>> + Send;
    /// Locks and reads one schedule; without `wait`, `None` also if it is locked by another.
    fn lock_recurring(
        &mut self,
        id: &str,
        wait: bool,
    ) -> impl Future<Output = Result<Option<RecurringRow>>> + Send;
    fn delete_recurring(&mut self, id: &str) -> impl Future<Output = Result<bool>> + Send;
    /// Records occurrences; gives those that were not recorded before.
    fn insert_fires(
        &mut self,
        rows: &[FireRow],
    ) -> impl Future<Output = Result<Vec<DateTime<Utc>>>> + Send;
    /// Up to `limit` of the latest occurrences of each of these schedules, newest first.
    fn fires(
        &mut self,
        recurring: &[String],
        limit: u32,
    ) -> impl Future<Output = Result<Vec<FireRow>>> + Send;

    // Parts of a running job.

    fn step_output(
        &mut self,
        job: JobId,
        name: &str,
    ) -> impl Future<Output = Result<Option<String>>> + Send;
    fn keep_step(
        &mut self,
        job: JobId,
        name: &str,
        output: &str,
    ) -> impl Future<Output = Result<()>> + Send;
    /// How many lines of log there are of these jobs, counted up to `limit`.
    fn count_log(
        &mut self,
        jobs: &[JobId],
        limit: i64,
    ) -> impl Future<Output = Result<Vec<(JobId, i64)>>> + Send;
    /// Appends lines of log, in this order.
    fn insert_log(&mut self, rows: &[LogRow]) -> impl Future<Output = Result<()>> + Send;
    /// Notes how far jobs have come, done and total, which are in ascending order.
    fn put_progress(
        &mut self,
        rows: &[(JobId, i64, i64)],
    ) -> impl Future<Output = Result<()>> + Send;

    // Retention.

    /// Takes jobs from the list of those that have succeeded, about `limit` of those listed longer
    /// than `keep` ago: gives those that may go (whose last run is a success that old and that
    /// have no time of their own), and `None` if nothing so old is listed.
    fn take_finished(
        &mut self,
        keep: Duration,
        limit: u32,
    ) -> impl Future<Output = Result<Option<Vec<JobId>>>> + Send;
    /// Up to `limit` jobs whose own time has come: deleted ones, and others with an expiry.
    fn expired(&mut self, limit: u32) -> impl Future<Output = Result<Vec<JobId>>> + Send;
    /// Forgets servers, fires, unique keys and throttles that nothing needs any longer.
    fn forget(&mut self, age: Duration) -> impl Future<Output = Result<()>> + Send;

    // Looking at it.

    /// The records of these jobs, as far as they exist, in any order.
    fn records(&mut self, jobs: &[JobId]) -> impl Future<Output = Result<Vec<JobRecord>>> + Send;
    fn runs(&mut self, job: JobId) -> impl Future<Output = Result<Vec<RunRecord>>> + Send;
    fn events(&mut self, job: JobId) -> impl Future<Output = Result<Vec<EventRecord>>> + Send;
    /// Up to `limit` of the latest lines of a job behind the one with this key, in their order.
    fn log_lines(
        &mut self,
        job: JobId,
        after: i64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<LogLine>>> + Send;
    /// How many jobs are in each state. Those Enqueued are counted unless it is known already how
    /// many there are.
    fn counts(&mut self, enqueued: Option<u64>) -> impl Future<Output = Result<Counts>> + Send;
    /// The newest jobs, up to `limit`.
    fn recent(&mut self, limit: u32) -> impl Future<Output = Result<Vec<JobId>>> + Send;

    /// The queues that have jobs in their lines or are paused, by name.
    fn queues(&mut self) -> impl Future<Output = Result<Vec<QueueRecord>>> + Send;
    /// How many runs ended in each of the spans of this length from then on, but for those in
    /// which none did.
    fn ends(
        &mut self,
        from: DateTime<Utc>,
        step: Duration,
    ) -> impl Future<Output = Result<Vec<Throughput>>> + Send;
    /// The same for spans that are over and have been [counted](Self::count_ends).
    fn counted_ends(
        &mut self,
        from: DateTime<Utc>,
    ) -> impl Future<Output = Result<Vec<Throughput>>> + Send;
    /// Counts the runs of each span of this length that ended before then and is not counted yet.
    fn count_ends(
        &mut self,
        step: Duration,
        before: DateTime<Utc>,
    ) -> impl Future<Output = Result<()>> + Send;
    /// Forgets what was counted so long ago, and which runs failed so long ago.
    fn forget_ends(
        &mut self,
        counted: Duration,
        failed: Duration,
    ) -> impl Future<Output = Result<()>> + Send;
    /// Notes jobs of which a run has failed, packed, a row for each value.
    fn insert_run_failed(&mut self, rows: &[Vec<u8>]) -> impl Future<Output = Result<()>> + Send;
    /// Jobs of which a run has failed, in up to `limit` rows, newest first.
    fn run_failed(&mut self, limit: u32) -> impl Future<Output = Result<Vec<JobId>>> + Send;
    /// The last runs of these jobs, in any order.
    fn last_runs(&mut self, jobs: &[JobId]) -> impl Future<Output = Result<Vec<LastRun>>> + Send;
    /// How many of the first `limit` jobs of a line are of which kind, and of the first `limit`
    /// that wait for a throttle.
    fn kinds_in_line(
        &mut self,
        queue: &str,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<(String, i64)>>> + Send;
    /// The kinds and queues of these jobs, in any order.
    fn names_of(
        &mut self,
        jobs: &[JobId],
    ) -> impl Future<Output = Result<Vec<(JobId, String, String)>>> + Send;
    /// The failures of the last runs that failed, of those of these jobs that have had such.
    fn last_failures(
        &mut self,
        jobs: &[JobId],
    ) -> impl Future<Output = Result<Vec<(JobId, JobFailure)>>> + Send;
    fn steps(&mut self, job: JobId) -> impl Future<Output = Result<Vec<StepRecord>>> + Send;
    /// Up to `limit` edges to what waits for this job, released or not.
    fn edges_from(
        &mut self,
        parent: JobId,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<EdgeRow>>> + Send;
    fn unique_key(&mut self, job: JobId) -> impl Future<Output = Result<Option<String>>> + Send;
    /// Who has these leases, as far as they exist, and since when.
    fn holders(
        &mut self,
        leases: &[i64],
    ) -> impl Future<Output = Result<Vec<(i64, Holder)>>> + Send;

    // Searching. Nothing is locked.

    /// Up to `limit` jobs of a list behind this key.
    fn list(
        &mut self,
        list: List<'_>,
        after: Key,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Listed>>> + Send;
    /// Rows of jobs that have succeeded, but for those of [`List::Kept`], newest first, from the
    /// one with this time and id on, until they name about `limit` jobs.
    fn finished(
        &mut self,
        from: Key,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<FinishedRow>>> + Send;
    /// All leases, the newest first.
    fn leases(&mut self) -> impl Future<Output = Result<Vec<Lease>>> + Send;
    /// The queues that have jobs in their lines.
    fn lines(&mut self) -> impl Future<Output = Result<Vec<String>>> + Send;
    /// How many jobs have this tag, counted up to `most`.
    fn tag_size(&mut self, tag: &str, most: u32) -> impl Future<Output = Result<u32>> + Send;
    /// Those of these jobs whose records go through the sieve.
    fn sift(
        &mut self,
        jobs: &[JobId],
        sieve: &Sieve,
    ) -> impl Future<Output = Result<Vec<JobId>>> + Send;
}

/// [`Tables::end_runs`] by a statement for each part.
pub(crate) async fn end_runs_by_steps<T: Tables + ?Sized>(
    t: &mut T,
    runs: &[AttemptRow<'_>],
    used_up: &[i64],
    settled: &[JobId],
) -> Result<Vec<EdgeRow>> {
    if !runs.is_empty() {
        t.insert_attempts(runs).await?;
    }
    t.delete_leases(used_up).await?;
    match settled.is_empty() {
        true => Ok(Vec::new()),
        false => t.open_edges(settled).await,
    }
}

/// [`Tables::displace_all`] by a statement or two for each.
pub(crate) async fn displace_one_by_one<T: Tables + ?Sized>(
    t: &mut T,
    places: &[Placed],
) -> Result<Vec<JobId>> {
    let mut displaced = Vec::with_capacity(places.len());
    for placed in places {
        if t.displace(placed.job, placed.placement).await? {
            displaced.push(placed.job);
        }
    }
    Ok(displaced)
}
