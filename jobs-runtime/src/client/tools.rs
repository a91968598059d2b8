//! What tools ask for that know no kind of job: where a kind belongs, and the removal of old jobs.

use std::time::Duration;

use super::Client;
use crate::error::Error;
use crate::storage::{Effects, Retention};

/// Jobs removed in one transaction, so that none takes long enough to hold up a worker.
const AT_ONCE: u32 = 500;

impl Client {
    /// The queue that servers have announced for this kind.
    pub(crate) async fn queue_of(&self, kind: &str) -> Result<String, Error> {
        let kinds = self.storage().kinds().await?;
        match kinds.iter().find(|row| row.name == kind) {
            Some(row) => Ok(row.queue.clone()),
            None => Err(Error::UnknownKind {
                kind: kind.to_owned(),
                known: kinds.into_iter().map(|row| row.name).collect(),
            }),
        }
    }

    /// Removes the jobs that succeeded longer ago than this, and those whose own time has passed,
    /// as servers do by themselves; gives how many there were.
    ///
    /// There is no transaction around all of it: on an error, some may be removed already.
    ///
    /// # Errors
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn prune(&self, succeeded: Duration) -> Result<u64, Error> {
        let retention = Retention { succeeded, ..self.retention().clone() };
        let mut jobs = 0;
        loop {
            let mut effects = Effects::default();
            let sweep = self.storage().sweep(AT_ONCE, &retention, &mut effects).await?;
            self.tell(effects);
            jobs += sweep.removed as u64;
            if !sweep.more {
                return Ok(jobs);
            }
        }
    }
}
