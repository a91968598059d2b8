//! Idle workers for jobs that are just being stored, so that these need not be claimed.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::buffer::Promise;
use super::server::Server;
use crate::client::{Host, Seats};
use crate::storage::{Claimed, LeaseParams, NewJob};

/// So many idle workers of a server.
struct Reserved {
    server: Arc<Server>,
    id: i64,
    queue: String,
    promise: Option<Promise>,
}

impl Host for Server {
    fn reserve(self: Arc<Self>, jobs: &[NewJob]) -> Option<Box<dyn Seats>> {
        let queue = jobs.first()?.queue.as_ref();
        let suits = |job: &NewJob| job.queue == queue && self.registry.kind(&job.kind).is_some();
        let is_served = self.queues.iter().any(|served| served == queue)
            // Its limit is kept by the fetcher alone.
            && !self.settings.queue_limits.contains_key(queue);
        // A server that is busy gets more done by claims, in which jobs gather.
        let is_busy = self.completing.load(Ordering::Acquire);
        if is_busy
            || self.stopping.is_cancelled()
            || self.is_paused()
            || !is_served
            || !jobs.iter().all(suits)
        {
            return None;
        }
        let promise = self.buffer.promise_idle(jobs.len())?;
        let (id, queue) = (self.id(), queue.to_owned());
        if !self.strays.begin() {
            return None;
        }
        self.unwritten.send_modify(|unwritten| *unwritten += 1);
        Some(Box::new(Reserved { server: self, id, queue, promise: Some(promise) }))
    }
}

impl Seats for Reserved {
    fn params(&self) -> LeaseParams<'_> {
        LeaseParams { server: self.id, queue: &self.queue, kinds: &self.server.kinds }
    }

    fn fill(mut self: Box<Self>, claimed: Vec<Claimed>) {
        self.server.accept(claimed);
        self.promise = None;
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        let is_unknown = self.promise.take().is_some();
        if is_unknown {
            self.server.strays.suspect();
        }
        self.server.strays.end();
        if is_unknown {
            self.server.buffer.hungry.notify_one();
        }
        self.server.written(1);
    }
}
