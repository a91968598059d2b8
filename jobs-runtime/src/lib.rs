//! Durable, typed background jobs on the database you already run.
//!
//! An async function under [`#[job]`](macro@job) gets helpers that store a call to it; a
//! [`Runtime`] in this or another process runs it: retried when it fails, scheduled, recurring,
//! or as the continuation of another job. Jobs are rows in SQLite, PostgreSQL, MySQL or
//! MariaDB.
//!
//! ```standalone_crate
//! use jobs_runtime::prelude::*;
//!
//! #[job(queue = "mail", retries = 5)]
//! async fn send_welcome(email: String) -> anyhow::Result<String> {
//!     Ok(format!("sent to {email}"))
//! }
//!
//! #[tokio::main]
//! async fn main() -> anyhow::Result<()> {
//!     let storage = Storage::connect("sqlite::memory:").await?;
//!     let runtime = Runtime::builder(storage).start().await?;
//!
//!     let mail = send_welcome::enqueue("ada@example.com").await?;
//!     assert_eq!(mail.wait().await?, "sent to ada@example.com");
//!
//!     runtime.shutdown().await?;
//!     Ok(())
//! }
//! ```
//!
//! **Promise.** A job whose `enqueue` returned is never lost. It is run at least once; no two live
//! servers run it at the same time while its lease holds, and a server that has lost the lease
//! changes nothing any more.

#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
compile_error!("jobs-runtime needs a storage: turn on the feature `sqlite`, `postgres` or `mysql`");

mod batch;
mod client;
mod context;
mod error;
mod job;
pub mod prelude;
mod protect;
mod recurring;
mod request;
mod runtime;
mod storage;
mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;

#[doc(hidden)]
#[path = "private/mod.rs"]
pub mod __private;

pub use batch::{
    Batch, BatchCounts, BatchHandle, BatchRecord, BatchState, Continuation, EnqueueBatch, Mixed,
    Node, OnFailure, Workflow,
};
pub use client::{ActingOnAll, Client, Enqueue, History, JobHandle};
pub use context::{FromContext, JobContext, MissingState, State, States, StepError};
pub use error::{ArcError, Error, StorageError, WaitError};
pub use job::{
    Backoff, BatchId, FailureKind, Fault, Job, JobError, JobFailure, JobId, Marked, Misfire,
    NoInput, OnConflict, OnExhausted, Overlap, Policy, RecurringRegistration, Registration,
    State as JobState, Throttle, ThrottleKind, Unique,
};
#[cfg(feature = "macros")]
pub use jobs_macros::{job, recurring};
#[cfg(feature = "encryption")]
pub use protect::Keys;
pub use recurring::{Recurring, RecurringJob, RecurringPlan, RecurringRecord, RecurringRun};
pub use request::{HandsOver, JobRequest, Limits, NamedJob, Needs, Trigger};
pub use runtime::{JobCall, JobOutput, JobService, Runtime, RuntimeBuilder};
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub use storage::Pool;
pub use storage::{
    Acted, ActedAll, BatchMember, BatchNode, Counts, Cursor, EdgeRecord, EventRecord, Holder,
    JobFilter, JobPage, JobRecord, KindRecord, LastRun, LogLine, Placement, QueueLoad, QueueRecord,
    Retention, RunEnd, RunRecord, ServerRecord, StepRecord, Storage, StorageOptions, StoredKind,
    Summary, ThrottleRecord, Throughput, Transaction,
};
pub use tokio_util::sync::CancellationToken;

/// The examples of the README are tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// So are those of what jobs ask of each other.
#[cfg(all(doctest, feature = "encryption"))]
#[doc = include_str!("../../docs/orchestration.md")]
struct Orchestration;
