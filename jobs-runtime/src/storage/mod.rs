//! Where jobs are kept: one interface over several databases.

mod batches;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod begin;
#[cfg(any(feature = "sqlite", feature = "mysql"))]
mod inserts;
mod model;
mod monitor;
#[cfg(feature = "mysql")]
mod mysql;
mod notifier;
mod ops;
mod options;
mod packing;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod reach;
mod recurring;
mod retry;
mod search;
mod servers;
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;
mod tables;
#[cfg(test)]
mod tests;
mod throttles;
mod transaction;
#[cfg(any(feature = "sqlite", feature = "mysql"))]
mod values;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use notifier::Notifier;
use retry::Tries;
use tables::Tables;

pub(crate) use batches::{Graph, NewBatch, Node as GraphNode};
pub use model::Placement;
pub(crate) use model::{
    ClaimParams, Claimed, Completion, Count, Due, EdgeRow, LeaseParams, LogRow, Member, NewJob,
    Outcome, Placed, Report, Settled, Stored,
};
pub use monitor::{
    BatchMember, BatchNode, Counts, EdgeRecord, EventRecord, Holder, JobRecord, KindRecord,
    LastRun, LogLine, QueueLoad, QueueRecord, RunEnd, RunRecord, ServerRecord, StepRecord,
    StoredKind, Throughput,
};
#[cfg(feature = "mysql")]
pub(crate) use mysql::waited_in_vain;
pub(crate) use ops::{
    Act, Claims, Complete, Completed, Effects, Fired, StoredGraph, Stride, Sweep, is_gated,
    may_hold_slot,
};
pub use ops::{Acted, ActedAll, Retention};
pub use options::StorageOptions;
pub(crate) use recurring::{FireRow, RecurringRow};
pub use search::{Cursor, JobFilter, JobPage};
pub(crate) use servers::{Beat, KindRow, NewServer, Poll, ServerRow, Signs, Vitals};
pub use throttles::ThrottleRecord;
pub use transaction::Transaction;

use crate::batch::BatchRecord;
use crate::client::Signals;
use crate::error::{Error, StorageError};
use crate::job::{BatchId, JobFailure, JobId};
use crate::protect::{self, Keys};

type Result<T> = std::result::Result<T, StorageError>;

/// So many lines of log are kept of a job.
pub(crate) const MOST_LOG_LINES: i64 = 10_000;

/// A database that keeps jobs, by whatever driver. Cheap to clone; all clones share one pool.
///
/// ```no_run
/// # async fn example() -> Result<(), jobs_runtime::Error> {
/// let storage = jobs_runtime::Storage::connect("sqlite://app.db").await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Storage(Arc<Inner>);

struct Inner {
    backend: Backend,
    keys: Option<Keys>,
    signals: Arc<Signals>,
    notifier: Notifier,
}

enum Backend {
    #[cfg(feature = "sqlite")]
    Sqlite(Box<sqlite::Sqlite>),
    #[cfg(feature = "postgres")]
    Postgres(Box<postgres::Postgres>),
    #[cfg(feature = "mysql")]
    MySql(Box<mysql::MySql>),
}

/// Runs `$body` with `$t` as the tables of whatever database this is, in what `$open` opens, and
/// commits; all of it again, if other transactions were in the way. So the body uses up nothing
/// of what it is given. `$effects` are those of the last run alone.
macro_rules! within {
    ($storage:expr, $open:ident, |$t:ident, $effects:ident| $body:expr) => {
        within!($storage, $open, |$t| {
            *$effects = Effects::default();
            $body
        })
    };
    ($storage:expr, $open:ident, |$t:ident| $body:expr) => {
        match &$storage.0.backend {
            #[cfg(feature = "sqlite")]
            Backend::Sqlite(backend) => within!(@run backend, $open, |$t| $body),
            #[cfg(feature = "postgres")]
            Backend::Postgres(backend) => within!(@run backend, $open, |$t| $body),
            #[cfg(feature = "mysql")]
            Backend::MySql(backend) => within!(@run backend, $open, |$t| $body),
        }
    };
    (@run $backend:ident, $open:ident, |$t:ident| $body:expr) => {{
        let mut tries = Tries::default();
        loop {
            let tried = async {
                let mut open = $backend.$open().await?;
                let answer = {
                    let mut tables = open.tables();
                    let $t = &mut tables;
                    $body
                };
                open.commit().await?;
                Ok(answer)
            };
            let tried = tried.await;
            if !tries.again(&tried).await {
                break tried;
            }
        }
    }};
}

/// Calls a method that every backend has.
macro_rules! backend {
    ($storage:expr, |$backend:ident| $body:expr) => {
        match &$storage.0.backend {
            #[cfg(feature = "sqlite")]
            Backend::Sqlite($backend) => $body,
            #[cfg(feature = "postgres")]
            Backend::Postgres($backend) => $body,
            #[cfg(feature = "mysql")]
            Backend::MySql($backend) => $body,
        }
    };
}

/// Runs `$body` with `$t` as the tables that the caller's own transaction sees.
macro_rules! joined {
    ($storage:expr, $transaction:expr, |$t:ident| $body:expr) => {
        match (&$storage.0.backend, $transaction) {
            #[cfg(feature = "sqlite")]
            (Backend::Sqlite(backend), Transaction::Sqlite(connection)) => {
                backend.check_ours(connection).await?;
                let $t = &mut backend.join(connection);
                $body
            }
            #[cfg(feature = "postgres")]
            (Backend::Postgres(backend), Transaction::Postgres(connection)) => {
                backend.check_ours(connection).await?;
                let $t = &mut backend.join(connection);
                $body
            }
            #[cfg(feature = "mysql")]
            (Backend::MySql(backend), Transaction::MySql(connection)) => {
                backend.check_ours(connection).await?;
                let $t = &mut backend.join(connection);
                $body
            }
            #[allow(unreachable_patterns)] // with one database built in
            (_, transaction) => {
                let found = transaction.database().to_owned();
                return Err(Error::ForeignTransaction { expected: $storage.place(), found });
            }
        }
    };
}

impl Storage {
    /// Opens the database behind this URL, with the defaults of [`StorageOptions`], and brings
    /// its schema up to date.
    ///
    /// # Errors
    /// [`Error::Storage`]: the URL is not one, the database cannot be reached, or its schema is
    /// newer than this program.
    pub async fn connect(url: &str) -> std::result::Result<Self, Error> {
        StorageOptions::new(url).connect().await
    }

    /// Where the jobs are, without a password.
    #[must_use]
    pub fn place(&self) -> String {
        backend!(self, |backend| backend.place())
    }

    /// Closes all connections. Further operations fail.
    pub async fn close(&self) {
        backend!(self, |backend| backend.close().await);
    }

    /// Moves the clock of the storage forward.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    #[cfg(feature = "testing")]
    pub async fn advance(&self, by: Duration) -> std::result::Result<(), Error> {
        backend!(self, |backend| backend.advance(by).await)?;
        self.0.signals.wake_all();
        Ok(())
    }

    pub(crate) fn keys(&self) -> Option<&Keys> {
        self.0.keys.as_ref()
    }

    pub(crate) async fn now(&self) -> Result<DateTime<Utc>> {
        within!(self, read, |t| t.now().await?)
    }

    /// Stores jobs in one transaction, each or its error by itself.
    pub(crate) async fn enqueue(
        &self,
        jobs: &[NewJob],
        retention: &Retention,
        effects: &mut Effects,
    ) -> Result<Vec<std::result::Result<Stored, Error>>> {
        let plain = jobs.iter().all(|job| job.is_plain() && job.tags.is_empty());
        match plain && self.ready_alone() {
            true => {
                within!(self, alone, |t, effects| ops::enqueue(t, jobs, retention, effects).await?)
            }
            false => {
                within!(self, begin, |t, effects| ops::enqueue(t, jobs, retention, effects).await?)
            }
        }
    }

    /// Stores jobs in one transaction, leased to a server at once if nothing waits before them.
    pub(crate) async fn enqueue_leased(
        &self,
        jobs: &[NewJob],
        params: &LeaseParams<'_>,
        effects: &mut Effects,
    ) -> Result<Vec<Claimed>> {
        let untagged = jobs.iter().all(|job| job.tags.is_empty());
        match untagged && self.ready_alone() {
            true => {
                within!(self, alone, |t, effects| ops::enqueue_leased(t, jobs, params, effects)
                    .await?)
            }
            false => {
                within!(self, begin, |t, effects| ops::enqueue_leased(t, jobs, params, effects)
                    .await?)
            }
        }
    }

    /// Puts back what a server has without knowing; gives how many jobs that were.
    pub(crate) async fn release_strays(
        &self,
        server: i64,
        known: &HashSet<i64>,
        effects: &mut Effects,
    ) -> Result<usize> {
        within!(self, begin, |t, effects| ops::release_strays(t, server, known, effects).await?)
    }

    /// Stores jobs in one transaction, all or none.
    pub(crate) async fn enqueue_all(
        &self,
        jobs: &[NewJob],
        retention: &Retention,
        effects: &mut Effects,
    ) -> std::result::Result<Vec<Stored>, Error> {
        within!(self, begin, |t, effects| {
            let answers = ops::enqueue(t, jobs, retention, effects).await?;
            answers.into_iter().collect::<std::result::Result<Vec<_>, _>>()?
        })
    }

    /// Stores a job in the caller's own transaction.
    pub(crate) async fn enqueue_in(
        &self,
        transaction: Transaction<'_>,
        job: NewJob,
        retention: &Retention,
    ) -> std::result::Result<Stored, Error> {
        let mut effects = Effects::default();
        let mut answers = joined!(self, transaction, |t| {
            ops::enqueue(t, &[job], retention, &mut effects).await?
        });
        answers.pop().unwrap_or(Err(Error::NoClient))
    }

    /// Stores a graph in one transaction, all of it or nothing.
    pub(crate) async fn store_graph(
        &self,
        graph: &Graph,
        retention: &Retention,
        effects: &mut Effects,
    ) -> std::result::Result<StoredGraph, Error> {
        within!(self, begin, |t, effects| {
            ops::store_graph(t, graph.clone(), retention, effects).await??
        })
    }

    /// Stores a graph in the caller's own transaction.
    pub(crate) async fn store_graph_in(
        &self,
        transaction: Transaction<'_>,
        graph: Graph,
        retention: &Retention,
    ) -> std::result::Result<StoredGraph, Error> {
        let mut effects = Effects::default();
        joined!(self, transaction, |t| {
            ops::store_graph(t, graph, retention, &mut effects).await?
        })
    }

    /// Adds jobs to an open batch in one transaction, all or none.
    pub(crate) async fn join_batch(
        &self,
        batch: BatchId,
        jobs: &[NewJob],
        retention: &Retention,
        effects: &mut Effects,
    ) -> std::result::Result<StoredGraph, Error> {
        within!(self, begin, |t, effects| {
            ops::join(t, batch, jobs.to_vec(), retention, effects).await??
        })
    }

    /// As [`ops::close`].
    pub(crate) async fn close_batch(&self, batch: BatchId) -> Result<Option<Vec<BatchId>>> {
        within!(self, begin, |t| ops::close(t, batch).await?)
    }

    /// As [`ops::cancel_some`].
    pub(crate) async fn cancel_some(
        &self,
        batch: BatchId,
        after: i64,
        retention: &Retention,
        effects: &mut Effects,
    ) -> Result<Stride> {
        within!(self, begin, |t, effects| {
            ops::cancel_some(t, batch, after, retention, effects).await?
        })
    }

    /// As [`ops::requeue_failed_some`].
    pub(crate) async fn requeue_failed_some(
        &self,
        batch: BatchId,
        after: i64,
        retention: &Retention,
        effects: &mut Effects,
    ) -> Result<Stride> {
        within!(self, begin, |t, effects| {
            ops::requeue_failed_some(t, batch, after, retention, effects).await?
        })
    }

    pub(crate) async fn batch(&self, batch: BatchId) -> Result<Option<BatchRecord>> {
        within!(self, read, |t| {
            let rows = t.batches(&[batch]).await?;
            ops::records(t, rows).await?.pop()
        })
    }

    pub(crate) async fn batch_tree(&self, batch: BatchId) -> Result<Vec<BatchId>> {
        within!(self, read, |t| t.batch_tree(batch).await?)
    }

    pub(crate) async fn batch_outputs(&self, batch: BatchId) -> Result<Vec<Option<String>>> {
        within!(self, read, |t| t.batch_outputs(batch).await?)
    }

    pub(crate) async fn recent_batches(
        &self,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<BatchRecord>> {
        within!(self, read, |t| {
            let rows = t.recent_batches(before, limit).await?;
            ops::records(t, rows).await?
        })
    }

    /// Batches that were cancelled and have not come to their end.
    pub(crate) async fn cancelled_batches(&self, limit: u32) -> Result<Vec<BatchId>> {
        within!(self, read, |t| t.cancelled_batches(limit).await?)
    }

    pub(crate) async fn claim(
        &self,
        params: &ClaimParams<'_>,
        effects: &mut Effects,
    ) -> Result<Claims> {
        within!(self, begin, |t, effects| ops::claim(t, params, effects).await?)
    }

    /// Calls jobs back into their lines for which throttles have room, or whose keys have their
    /// turn; gives how many throttles or keys were looked at.
    pub(crate) async fn call_due(
        &self,
        turns: bool,
        limit: u32,
        effects: &mut Effects,
    ) -> Result<usize> {
        within!(self, begin, |t, effects| ops::call_due(t, turns, limit, effects).await?)
    }

    /// In how long the next throttle is to be looked at; zero if its time has come, perhaps while
    /// somebody else has it in hand.
    pub(crate) async fn next_call(&self) -> Result<Option<Duration>> {
        within!(self, read, |t| t.next_call().await?)
    }

    pub(crate) async fn set_limit(
        &self,
        key: &str,
        limit: Option<i64>,
        effects: &mut Effects,
    ) -> Result<bool> {
        within!(self, begin, |t, effects| ops::set_limit(t, key, limit, effects).await?)
    }

    pub(crate) async fn throttles(&self) -> Result<Vec<ThrottleRecord>> {
        within!(self, read, |t| ops::throttles(t).await?)
    }

    pub(crate) async fn complete(&self, params: &Complete<'_>) -> Result<Completed> {
        within!(self, begin, |t| ops::complete(t, params).await?)
    }

    /// Writes ends of runs in a transaction of the jobs' own.
    pub(crate) async fn complete_in(
        &self,
        transaction: Transaction<'_>,
        params: &Complete<'_>,
    ) -> std::result::Result<Completed, Error> {
        Ok(joined!(self, transaction, |t| ops::complete(t, params).await?))
    }

    /// As [`ops::set_apart`].
    pub(crate) async fn set_apart(
        &self,
        server: i64,
        lease: i64,
        member: Member,
        holds_slot: bool,
        mut known: impl FnMut(i64) + Send,
    ) -> Result<Option<i64>> {
        within!(self, begin, |t| {
            ops::set_apart(t, server, lease, member, holds_slot, &mut known).await?
        })
    }

    pub(crate) async fn note_started(&self, started: &[(i64, Vec<JobId>)]) -> Result<()> {
        within!(self, begin, |t| t.note_started(started).await?)
    }

    pub(crate) async fn promote_due(&self, limit: u32, effects: &mut Effects) -> Result<usize> {
        within!(self, begin, |t, effects| ops::promote_due(t, limit, effects).await?)
    }

    pub(crate) async fn act(
        &self,
        job: JobId,
        seen: Option<Placement>,
        act: &Act,
        retention: &Retention,
        effects: &mut Effects,
    ) -> Result<Acted> {
        within!(self, begin, |t, effects| ops::act(t, job, seen, act, retention, effects).await?)
    }

    /// The same to many jobs, in one transaction.
    pub(crate) async fn act_all(
        &self,
        seen: &[(JobId, Placement)],
        act: &Act,
        retention: &Retention,
        effects: &mut Effects,
    ) -> Result<ActedAll> {
        within!(self, begin, |t, effects| ops::act_all(t, seen, act, retention, effects).await?)
    }

    pub(crate) async fn announce(&self, server: &NewServer) -> Result<i64> {
        within!(self, begin, |t| t.announce(server).await?)
    }

    pub(crate) async fn heartbeat(
        &self,
        server: i64,
        started: &[(i64, Vec<JobId>)],
        silence: Duration,
        vitals: Vitals,
    ) -> Result<Beat> {
        if started.is_empty() {
            return within!(self, alone, |t| t.heartbeat(server, silence, vitals).await?);
        }
        within!(self, begin, |t| {
            t.note_started(started).await?;
            t.heartbeat(server, silence, vitals).await?
        })
    }

    pub(crate) async fn depart(&self, server: i64) -> Result<()> {
        within!(self, begin, |t| t.depart(server).await?)
    }

    /// As [`ops::rescue`], if that may be done once the transaction has begun.
    pub(crate) async fn rescue(
        &self,
        silence: Duration,
        may: impl Fn() -> bool,
        retention: &Retention,
        effects: &mut Effects,
    ) -> Result<usize> {
        within!(self, begin, |t, effects| match may() {
            true => ops::rescue(t, silence, retention, effects).await?,
            false => 0,
        })
    }

    pub(crate) async fn park_unknown(
        &self,
        unseen: Duration,
        limit: u32,
        retention: &Retention,
        effects: &mut Effects,
    ) -> Result<Vec<JobId>> {
        // The search goes through all lines, and as a rule finds nothing: so first without the
        // lock that all other writers would wait for on SQLite.
        let unknown: Result<Vec<_>> = within!(self, read, |t| t.unknown_jobs(unseen, 1).await?);
        if unknown?.is_empty() {
            return Ok(Vec::new());
        }
        within!(self, begin, |t, effects| ops::park_unknown(t, unseen, limit, retention, effects)
            .await?)
    }

    pub(crate) async fn poll(&self, signs: &Signs<'_>) -> Result<Poll> {
        within!(self, read, |t| t.poll(signs).await?)
    }

    pub(crate) async fn sweep(
        &self,
        limit: u32,
        retention: &Retention,
        effects: &mut Effects,
    ) -> Result<Sweep> {
        within!(self, begin, |t, effects| ops::sweep(t, limit, retention, effects).await?)
    }

    pub(crate) async fn forget(&self, age: Duration) -> Result<()> {
        within!(self, begin, |t| t.forget(age).await?)
    }

    pub(crate) async fn servers(&self) -> Result<Vec<ServerRow>> {
        within!(self, read, |t| t.servers().await?)
    }

    pub(crate) async fn kinds(&self) -> Result<Vec<KindRow>> {
        within!(self, read, |t| t.kinds().await?)
    }

    pub(crate) async fn lines(&self) -> Result<Vec<String>> {
        within!(self, read, |t| t.lines().await?)
    }

    pub(crate) async fn queues(&self) -> Result<Vec<QueueRecord>> {
        within!(self, read, |t| t.queues().await?)
    }

    pub(crate) async fn stored_kinds(&self) -> Result<Vec<StoredKind>> {
        within!(self, read, |t| ops::stored_kinds(t).await?)
    }

    pub(crate) async fn queue_loads(&self) -> Result<HashMap<String, QueueLoad>> {
        within!(self, read, |t| ops::loads(t).await?)
    }

    pub(crate) async fn ends(&self, age: Duration, step: Duration) -> Result<Vec<Throughput>> {
        within!(self, read, |t| {
            let now = t.now().await?;
            t.ends(chrono::TimeDelta::from_std(age).map_or(now, |age| now - age), step).await?
        })
    }

    pub(crate) async fn throughput(&self, age: Duration) -> Result<Vec<Throughput>> {
        within!(self, read, |t| ops::throughput(t, age).await?)
    }

    pub(crate) async fn count_ends(&self) -> Result<()> {
        within!(self, begin, |t| ops::count_ends(t).await?)
    }

    pub(crate) async fn latest_successes(&self, limit: u32) -> Result<Vec<LastRun>> {
        within!(self, read, |t| ops::latest_successes(t, limit).await?)
    }

    pub(crate) async fn latest_failures(&self, limit: u32) -> Result<HashMap<String, u64>> {
        within!(self, read, |t| ops::latest_failures(t, limit).await?)
    }

    pub(crate) async fn last_runs(&self, jobs: &[JobId]) -> Result<Vec<LastRun>> {
        within!(self, read, |t| t.last_runs(jobs).await?)
    }

    pub(crate) async fn last_failures(&self, jobs: &[JobId]) -> Result<HashMap<JobId, JobFailure>> {
        within!(self, read, |t| t.last_failures(jobs).await?.into_iter().collect())
    }

    pub(crate) async fn busy(&self) -> Result<HashMap<i64, u64>> {
        within!(self, read, |t| ops::busy(t).await?)
    }

    pub(crate) async fn look(&self, jobs: &[JobId]) -> Result<Vec<Placed>> {
        within!(self, read, |t| t.look(jobs).await?)
    }

    pub(crate) async fn fires(&self, recurring: &[String], limit: u32) -> Result<Vec<FireRow>> {
        within!(self, read, |t| t.fires(recurring, limit).await?)
    }

    pub(crate) async fn holders(&self, leases: &[i64]) -> Result<HashMap<i64, Holder>> {
        within!(self, read, |t| t.holders(leases).await?.into_iter().collect())
    }

    pub(crate) async fn members(
        &self,
        batch: BatchId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<BatchMember>> {
        within!(self, read, |t| ops::members(t, batch, after, limit).await?)
    }

    pub(crate) async fn edges_to(&self, children: &[JobId]) -> Result<Vec<EdgeRow>> {
        within!(self, read, |t| t.edges_to(children).await?)
    }

    pub(crate) async fn edges_from(&self, parent: JobId, limit: u32) -> Result<Vec<EdgeRow>> {
        within!(self, read, |t| t.edges_from(parent, limit).await?)
    }

    pub(crate) async fn steps(&self, job: JobId) -> Result<Vec<StepRecord>> {
        let steps: Result<Vec<StepRecord>> = within!(self, read, |t| t.steps(job).await?);
        let shown =
            |step: StepRecord| StepRecord { output: protect::shown_output(step.output), ..step };
        Ok(steps?.into_iter().map(shown).collect())
    }

    pub(crate) async fn unique_key(&self, job: JobId) -> Result<Option<String>> {
        within!(self, read, |t| t.unique_key(job).await?)
    }

    /// A record with all of its arguments, which is not to be shown.
    pub(crate) async fn unredacted(&self, job: JobId) -> Result<Option<JobRecord>> {
        within!(self, read, |t| t.records(&[job]).await?.pop())
    }

    pub(crate) async fn set_queue_paused(&self, queue: &str, paused: bool) -> Result<()> {
        within!(self, begin, |t| {
            t.set_queue_paused(queue, paused).await?;
            if !paused {
                t.wake_throttles().await?;
            }
        })
    }

    pub(crate) async fn set_server_paused(&self, server: i64, paused: bool) -> Result<bool> {
        within!(self, begin, |t| t.set_server_paused(server, paused).await?)
    }

    pub(crate) async fn stop_server(&self, server: i64) -> Result<bool> {
        within!(self, begin, |t| t.stop_server(server).await?)
    }

    pub(crate) async fn recurring(&self) -> Result<Vec<RecurringRow>> {
        within!(self, read, |t| t.recurring().await?)
    }

    /// Changes one schedule under its lock: `edit` gets what is stored, if anything is, and the
    /// database's clock, and gives what is to be stored, if anything changes.
    pub(crate) async fn edit_recurring(
        &self,
        id: &str,
        edit: impl Fn(Option<RecurringRow>, DateTime<Utc>) -> Option<RecurringRow> + Send + Sync,
    ) -> Result<bool> {
        within!(self, begin, |t| {
            let now = t.now().await?;
            let stored = t.lock_recurring(id, true).await?;
            match edit(stored, now) {
                Some(row) => {
                    t.put_recurring(&row).await?;
                    true
                }
                None => false,
            }
        })
    }

    pub(crate) async fn delete_recurring(&self, id: &str) -> Result<bool> {
        within!(self, begin, |t| t.delete_recurring(id).await?)
    }

    pub(crate) async fn fire(
        &self,
        id: &str,
        silence: Duration,
        retention: &Retention,
        effects: &mut Effects,
    ) -> Result<Fired> {
        within!(self, begin, |t, effects| ops::fire(t, id, silence, retention, effects).await?)
    }

    pub(crate) async fn trigger(
        &self,
        id: &str,
        retention: &Retention,
        effects: &mut Effects,
    ) -> Result<Option<JobId>> {
        within!(self, begin, |t, effects| ops::trigger(t, id, retention, effects).await?)
    }

    pub(crate) async fn settled(&self, jobs: &[JobId]) -> Result<Vec<(JobId, Option<Settled>)>> {
        within!(self, read, |t| ops::settled(t, jobs).await?)
    }

    pub(crate) async fn step_output(
        &self,
        job: JobId,
        name: &str,
    ) -> std::result::Result<Option<String>, Error> {
        within!(self, read, |t| t.step_output(job, name).await?)
    }

    pub(crate) async fn keep_step(
        &self,
        job: JobId,
        name: &str,
        output: String,
    ) -> std::result::Result<(), Error> {
        within!(self, begin, |t| t.keep_step(job, name, &output).await?)
    }

    /// As [`ops::report`]; notes in the report how many lines there are then.
    pub(crate) async fn report(&self, report: &mut Report) -> Result<()> {
        let kept: Result<_> = within!(self, begin, |t| ops::report(t, report).await?);
        report.kept.extend(kept?);
        Ok(())
    }

    pub(crate) async fn tag(&self, job: JobId, tag: String) -> std::result::Result<(), Error> {
        within!(self, begin, |t| ops::tag(t, job, &tag).await?)
    }

    pub(crate) async fn record(&self, job: JobId) -> Result<Option<JobRecord>> {
        let record: Result<_> = within!(self, read, |t| t.records(&[job]).await?.pop());
        Ok(record?.map(JobRecord::shown))
    }

    pub(crate) async fn runs(&self, job: JobId) -> Result<Vec<RunRecord>> {
        let runs: Result<Vec<RunRecord>> = within!(self, read, |t| t.runs(job).await?);
        let shown =
            |run: RunRecord| RunRecord { output: run.output.map(protect::shown_output), ..run };
        Ok(runs?.into_iter().map(shown).collect())
    }

    pub(crate) async fn events(&self, job: JobId) -> Result<Vec<EventRecord>> {
        within!(self, read, |t| t.events(job).await?)
    }

    pub(crate) async fn log_lines(
        &self,
        job: JobId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<LogLine>> {
        within!(self, read, |t| t.log_lines(job, after, limit).await?)
    }

    /// How many lines of log there are of a job.
    pub(crate) async fn log_length(&self, job: JobId) -> Result<u64> {
        within!(self, read, |t| {
            let counts = t.count_log(&[job], MOST_LOG_LINES).await?;
            counts.first().map_or(0, |(_, lines)| lines.cast_unsigned())
        })
    }

    pub(crate) async fn counts(&self) -> Result<Counts> {
        within!(self, read, |t| t.counts().await?)
    }

    pub(crate) async fn search(&self, filter: &JobFilter) -> Result<JobPage> {
        within!(self, read, |t| ops::search(t, filter).await?)
    }

    pub(crate) async fn recent(&self, limit: u32) -> Result<Vec<JobId>> {
        within!(self, read, |t| t.recent(limit).await?)
    }

    /// Whether a transaction that ends a job locks the lease that it is in.
    pub(crate) fn locks_leases(&self) -> bool {
        match &self.0.backend {
            #[cfg(feature = "sqlite")]
            Backend::Sqlite(_) => sqlite::Sqlite::LOCKS_LEASES,
            #[cfg(feature = "postgres")]
            Backend::Postgres(_) => postgres::Postgres::LOCKS_LEASES,
            #[cfg(feature = "mysql")]
            Backend::MySql(_) => mysql::MySql::LOCKS_LEASES,
        }
    }

    fn ready_alone(&self) -> bool {
        match &self.0.backend {
            #[cfg(feature = "sqlite")]
            Backend::Sqlite(_) => sqlite::Sqlite::READY_ALONE,
            #[cfg(feature = "postgres")]
            Backend::Postgres(_) => postgres::Postgres::READY_ALONE,
            #[cfg(feature = "mysql")]
            Backend::MySql(_) => mysql::MySql::READY_ALONE,
        }
    }

    /// Hears of lines that other processes have made longer, where the database has a way to.
    #[cfg(feature = "postgres")]
    pub(crate) async fn listen(&self) -> Result<Option<postgres::Listener>> {
        match &self.0.backend {
            Backend::Postgres(backend) if self.0.notifier.is_enabled() => {
                backend.listen().await.map(Some)
            }
            _ => Ok(None),
        }
    }

    pub(crate) fn signals(&self) -> &Arc<Signals> {
        &self.0.signals
    }

    /// Tells whoever waits for it what a transaction did: this process at once, others soon.
    pub(crate) fn tell(&self, effects: Effects) {
        self.0.signals.tell(&effects);
        if !effects.queues.is_empty() {
            self.notify_others(effects.queues);
        }
    }
}

impl StorageOptions {
    /// Opens the storage, and brings its schema up to date.
    ///
    /// # Errors
    /// As [`Storage::connect`]; and [`Error::Setting`] for a setting that is out of range.
    pub async fn connect(self) -> std::result::Result<Storage, Error> {
        self.check()?;
        let scheme = self.url.split(':').next().unwrap_or_default();
        let backend = match scheme {
            #[cfg(feature = "sqlite")]
            "sqlite" => Backend::Sqlite(Box::new(sqlite::Sqlite::connect(&self).await?)),
            #[cfg(feature = "postgres")]
            "postgres" | "postgresql" => {
                Backend::Postgres(Box::new(postgres::Postgres::connect(&self).await?))
            }
            #[cfg(feature = "mysql")]
            "mysql" | "mariadb" => Backend::MySql(Box::new(mysql::MySql::connect(&self).await?)),
            _ => return Err(unknown_scheme(&self.url, scheme)),
        };
        let notifier = Notifier::new(self.notify);
        Ok(Storage(Arc::new(Inner { backend, keys: self.keys, signals: Arc::default(), notifier })))
    }
}

/// A URL that no built-in database is known for; its rest may hold a password.
fn unknown_scheme(url: &str, scheme: &str) -> Error {
    let problem = match scheme {
        "postgres" | "postgresql" => "the feature `postgres` of jobs-runtime is not on".to_owned(),
        "sqlite" => "the feature `sqlite` of jobs-runtime is not on".to_owned(),
        "mysql" | "mariadb" => "the feature `mysql` of jobs-runtime is not on".to_owned(),
        _ => "it begins with none of `sqlite:`, `postgres:`, `mysql:` and `mariadb:`".to_owned(),
    };
    let shown = if url.contains('@') { format!("{scheme}:…") } else { url.to_owned() };
    StorageError::Url { url: shown, problem }.into()
}

impl fmt::Debug for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Storage").field(&self.place()).finish()
    }
}
