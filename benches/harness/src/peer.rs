//! What a library is asked to do.

use std::future::Future;
use std::sync::Arc;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use crate::sizes::Sizes;

/// Jobs in one bulk call.
pub const BULK: usize = 5_000;

/// Tasks that store waiting jobs where there is no bulk call.
const TASKS: usize = 32;

/// The arguments of a job.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Args {
    /// From zero, each once in a run.
    pub number: u64,
    /// Nothing but length.
    pub payload: String,
}

impl Args {
    /// Those of a job whose payload has this many characters.
    #[must_use]
    pub fn new(number: usize, payload: usize) -> Self {
        Self { number: number as u64, payload: "x".repeat(payload) }
    }
}

/// A library with a storage of its own, called by its public interface only.
///
/// Its jobs do nothing but call [`perform`](crate::perform).
pub trait Peer: Sized + Send + Sync + 'static {
    /// The library.
    const NAME: &'static str;
    /// Its version.
    const VERSION: &'static str;
    /// Whether jobs that have succeeded can be looked at afterwards, with the settings of this
    /// program.
    const KEEPS_HISTORY: bool;
    /// Whether it can store many jobs in one call.
    const HAS_BULK: bool = true;
    /// Whether several processes can work on one storage.
    const SHARES: bool = true;
    /// The numbers of jobs of its runs.
    const SIZES: Sizes;

    /// What has to be kept for the workers to run.
    type Running;

    /// Connects to the storage, and makes the tables if there are none.
    fn open(url: &str, workers: usize) -> impl Future<Output = Result<Self>>;

    /// Stores one job; returns when it is durable.
    fn enqueue(&self, args: Args) -> impl Future<Output = Result<()>> + Send;

    /// Stores many jobs by one call.
    fn enqueue_all(&self, args: Vec<Args>) -> impl Future<Output = Result<()>>;

    /// Stores the jobs that are waiting before a measurement begins.
    fn fill(self: &Arc<Self>, jobs: usize, payload: usize) -> impl Future<Output = Result<()>> {
        async move {
            if Self::HAS_BULK {
                return self.enqueue_in_bulk(jobs, payload).await;
            }
            let mut tasks = JoinSet::new();
            for task in 0..TASKS {
                let peer = Arc::clone(self);
                tasks.spawn(async move {
                    for number in (task..jobs).step_by(TASKS) {
                        peer.enqueue(Args::new(number, payload)).await?;
                    }
                    anyhow::Ok(())
                });
            }
            while let Some(task) = tasks.join_next().await {
                task??;
            }
            Ok(())
        }
    }

    /// Stores jobs by calls of [`BULK`] each.
    fn enqueue_in_bulk(&self, jobs: usize, payload: usize) -> impl Future<Output = Result<()>> {
        async move {
            for start in (0..jobs).step_by(BULK) {
                let numbers = start..jobs.min(start + BULK);
                let args = numbers.map(|number| Args::new(number, payload)).collect();
                self.enqueue_all(args).await?;
            }
            Ok(())
        }
    }

    /// Starts this many workers in this process.
    fn start(&self, workers: usize) -> impl Future<Output = Result<Self::Running>>;

    /// How many stored jobs have not succeeded yet, as the database tells.
    fn unfinished(&self) -> impl Future<Output = Result<u64>>;
}
