//! Storing a job once more.

use serde_json::Value;

use super::{Client, JobHandle};
use crate::error::Error;
use crate::job::{JobId, Overrides};
use crate::protect;
use crate::request::Parents;
use crate::storage::{Due, NewJob};

impl Client {
    /// Stores another job like this one, with these arguments, in JSON: of the same kind, queue,
    /// priority, tags and settings, but in no batch and with no parents. What is redacted may stay
    /// in the arguments as `"•••"`, and has then the value that is stored. `None` if there is no
    /// such job.
    ///
    /// # Errors
    /// [`Error::InvalidArgs`] if the arguments are not JSON; [`Error::ArgsTooLarge`];
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn enqueue_again(
        &self,
        id: JobId,
        args: &str,
    ) -> Result<Option<JobHandle<Value>>, Error> {
        let Some(former) = self.storage().unredacted(id).await? else { return Ok(None) };
        let options = Overrides { batch: None, ..Overrides::of(former.options.as_deref()) };
        let args = protect::restored(args, &former.args, &options.redact).map_err(|error| {
            Error::InvalidArgs { kind: former.kind.clone(), source: error.into() }
        })?;
        self.limits().check_args(&former.kind, &args)?;
        let stored = self.store(NewJob {
            id: JobId::new(),
            options: options.to_json(&former.kind)?,
            tags: options.tags,
            kind: former.kind.into(),
            queue: former.queue.into(),
            priority: former.priority,
            args,
            expires: None,
            due: Due::Now,
            unique: None,
            parents: Parents::default(),
            batch: None,
        });
        Ok(Some(JobHandle::new(stored.await?, self.clone())))
    }
}
