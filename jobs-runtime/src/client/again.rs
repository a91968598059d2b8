//! Storing a job once more.

use serde_json::Value;

use super::{Client, JobHandle};
use crate::error::Error;
use crate::job::{JobId, Overrides};
use crate::protect::{Owner, replace_args};
use crate::request::Parents;
use crate::storage::{Due, NewJob};

impl Client {
    /// Stores another job like this one, with these arguments, in JSON: of the same kind, queue,
    /// priority, tags and settings, but in no batch and with no parents. What is hidden may stay
    /// in the arguments as `"•••"`, and has then the value that is stored. `None` if there is no
    /// such job.
    ///
    /// # Errors
    /// [`Error::InvalidArgs`] if the arguments are not JSON; [`Error::ArgsTooLarge`];
    /// [`Error::NoKeys`] if some are encrypted and this process cannot read them;
    /// [`Error::Storage`] if the storage does not answer.
    pub async fn enqueue_again(
        &self,
        id: JobId,
        args: &str,
    ) -> Result<Option<JobHandle<Value>>, Error> {
        let Some(former) = self.storage().unredacted(id).await? else { return Ok(None) };
        let mut options = Overrides::of(former.options.as_deref());
        let fresh = JobId::new();
        let owners =
            [options.encrypted_for.map_or(Owner::Job(id), Owner::Schedule), Owner::Job(fresh)];
        let keys = self.storage().keys();
        let args = replace_args(args, former.args, &options, owners, &former.kind, keys)?;
        self.limits().check_args(&former.kind, &args)?;
        let encrypted = !options.encrypt.is_empty();
        (options.batch, options.encrypted_for) = (None, None);
        // The former stamp stands for whom the former job was stored: the present one goes before.
        let carried = std::mem::take(&mut options.meta);
        self.limits().stamp(&mut options);
        let stamped = std::mem::replace(&mut options.meta, carried);
        options.meta.extend(stamped);
        let stored = self.store(NewJob {
            id: fresh,
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
            keys: keys.filter(|_| encrypted).cloned(),
        });
        Ok(Some(JobHandle::new(stored.await?, self.clone())))
    }
}
