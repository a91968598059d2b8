//! What most programs name: `use jobs_runtime::prelude::*;`.

pub use std::time::Duration;

pub use tokio_util::sync::CancellationToken;

pub use crate::batch::{Batch, BatchHandle, OnFailure, Workflow};
pub use crate::client::{Client, JobHandle};
pub use crate::context::{JobContext, State};
pub use crate::job::{
    Backoff, Fault, Job, JobError, JobFailure, JobId, Misfire, OnConflict, OnExhausted, Overlap,
    Throttle, Unique,
};
#[cfg(feature = "encryption")]
pub use crate::protect::Keys;
pub use crate::recurring::RecurringJob;
pub use crate::request::JobRequest;
pub use crate::runtime::Runtime;
pub use crate::storage::{JobFilter, Storage, StorageOptions};
#[cfg(feature = "macros")]
pub use jobs_macros::{job, recurring};
