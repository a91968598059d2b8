//! The half that runs jobs: a set of small loops around one storage, each in its own file.

mod apart;
mod buffer;
mod builder;
mod caller;
mod completer;
mod fetcher;
mod heartbeat;
mod janitor;
mod journal;
mod layers;
#[cfg(feature = "postgres")]
mod listener;
mod meter;
mod outage;
mod pace;
mod panics;
mod poller;
mod pulse;
mod recurring;
mod registry;
mod rescuer;
mod running;
mod scheduler;
mod seats;
mod server;
mod settings;
mod shutdown;
mod solo;
mod start;
mod strays;
mod worker;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use builder::RuntimeBuilder;
pub(crate) use journal::{Journal, Kept};
pub use layers::{JobCall, JobOutput, JobService};
pub(crate) use panics::failure_of;
use server::Server;
use shutdown::Tasks;
pub(crate) use worker::blocking_latch;

use crate::client::Client;
use crate::error::Error;
use crate::storage::Storage;

/// A server: it runs the jobs of the kinds that the program declares, until it is shut down.
///
/// ```no_run
/// use jobs_runtime::prelude::*;
///
/// #[tokio::main]
/// async fn main() -> anyhow::Result<()> {
///     let storage = Storage::connect("sqlite://app.db").await?;
///     let runtime = Runtime::builder(storage).workers(20).start().await?;
///     runtime.run_until_signal().await?;
///     Ok(())
/// }
/// ```
///
/// Somebody may ask a server to stop, on the dashboard, by `jobs servers stop` or by
/// [`Client::stop_server`]. [`run_until_signal`](Self::run_until_signal) then ends as at a signal. A
/// program that waits for something else waits for [`asked_to_stop`](Self::asked_to_stop) beside it.
///
/// A runtime that is dropped stops at once, as if its process had died; its jobs come back when
/// its silence is noticed. [`shutdown`](Self::shutdown) is the orderly way.
pub struct Runtime {
    server: Arc<Server>,
    tasks: Tasks,
}

impl Runtime {
    /// Sets up a runtime on this storage.
    pub fn builder(storage: Storage) -> RuntimeBuilder {
        RuntimeBuilder::new(storage)
    }

    /// The client of this runtime.
    #[must_use]
    pub fn client(&self) -> &Client {
        self.server.client()
    }

    /// The id under which the server is announced; another one if it was declared dead meanwhile.
    #[must_use]
    pub fn server_id(&self) -> i64 {
        self.server.id()
    }

    /// Waits until no job is left that this server could start now: none in its lines, none
    /// running, none due. Jobs that are scheduled for later, wait for a parent, or have failed
    /// do not count.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn drain(&self) -> Result<(), Error> {
        while !self.server.is_drained().await? {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    /// Waits until somebody has asked this server to stop. From then on it takes no jobs, and
    /// those that it has go on; to end in order is the program's part.
    ///
    /// ```no_run
    /// # use jobs_runtime::{Error, Runtime};
    /// # async fn serve() {}
    /// # async fn example(runtime: Runtime) -> Result<(), Error> {
    /// tokio::select! {
    ///     () = serve() => {}
    ///     () = runtime.asked_to_stop() => {}
    /// }
    /// runtime.shutdown().await
    /// # }
    /// ```
    pub async fn asked_to_stop(&self) {
        self.server.asked_to_stop.cancelled().await;
    }

    /// Runs until SIGTERM or Ctrl-C, or until somebody [asks the server to
    /// stop](Client::stop_server), then shuts down as [`shutdown`](Self::shutdown) does. A second
    /// signal, or the first one after that, ends the grace period.
    ///
    /// # Errors
    /// As [`shutdown`](Self::shutdown).
    pub async fn run_until_signal(self) -> Result<(), Error> {
        tokio::select! {
            signal = shutdown::signal() => signal?,
            () = self.asked_to_stop() => {}
        }
        tracing::info!("shutting down: no new jobs; another signal stops the running ones");
        let hurry = shutdown::signal();
        shutdown::shut_down(self.server.clone(), self.tasks, hurry).await
    }

    /// Shuts down in order: takes no new jobs, lets the running ones end within the grace
    /// period, tells the rest to stop, and puts those back into their queues, with no attempt
    /// lost.
    ///
    /// # Errors
    /// [`Error::Storage`] if the last outcomes cannot be stored within the grace period; the
    /// jobs then come back when the server's silence is noticed.
    pub async fn shutdown(self) -> Result<(), Error> {
        let never = std::future::pending::<()>();
        shutdown::shut_down(self.server.clone(), self.tasks, never).await
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("server", &self.server.id()).finish_non_exhaustive()
    }
}
