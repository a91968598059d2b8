//! Claims ready jobs in batches, ahead of the workers.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::MissedTickBehavior;

use super::outage::Outage;
use super::server::Server;
use super::settings::Queues;
use crate::error::StorageError;
use crate::storage::{ClaimParams, Effects};

/// How long a claimed job may wait for a worker before it is given back to the line.
const STALE: Duration = Duration::from_millis(500);

/// The most queues that are asked in one claim.
const MOST_QUEUES: usize = 250;

pub(super) struct Fetcher {
    server: Arc<Server>,
    /// Queues whose last claim came back short, so that they are left alone until something is
    /// heard of them.
    dry: HashSet<String>,
}

impl Fetcher {
    pub(super) fn new(server: Arc<Server>) -> Self {
        Self { server, dry: HashSet::new() }
    }

    pub(super) async fn run(mut self) {
        let server = Arc::clone(&self.server);
        let mut outage = Outage::new("no jobs are fetched");
        let mut look_back = tokio::time::interval_at(tokio::time::Instant::now() + STALE, STALE);
        look_back.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !server.stopping.is_cancelled() {
            if let Err(error) = server.release_strays().await {
                outage.wait(&error).await;
                continue;
            }
            if !server.is_paused()
                && !server.is_behind()
                && let Some(promise) = server.buffer.wanted()
            {
                match self.fetch(promise.jobs()).await {
                    Ok(true) => {
                        outage.over();
                        continue;
                    }
                    Ok(false) => outage.over(),
                    Err(error) => {
                        outage.wait(&error).await;
                        continue;
                    }
                }
            }
            tokio::select! {
                () = server.inbox.line.notified() => {}
                () = server.inbox.everything.notified() => {
                    self.dry.clear();
                    server.poll_now.notify_one();
                    server.recurring_version.send_modify(|_| ());
                }
                () = server.buffer.hungry.notified() => {}
                _ = look_back.tick() => self.give_back_excess(),
                () = server.stopping.cancelled() => break,
            }
        }
    }

    /// Claims up to `wanted` jobs; `false` if no queue has any for which there is room.
    async fn fetch(&mut self, wanted: usize) -> Result<bool, StorageError> {
        let server = Arc::clone(&self.server);
        for queue in server.inbox.take_queues() {
            self.dry.remove(&queue);
        }
        let order: Vec<&str> =
            self.order().into_iter().filter(|queue| !self.dry.contains(*queue)).collect();
        let (mut order, mut found, mut dry) = (order.as_slice(), 0, Vec::new());
        let mut more = false;
        while let Some(first) = order.first() {
            let limit = (wanted - found).min(self.room(first));
            let (queues, rest) = order.split_at(self.together(order));
            order = rest;
            if limit == 0 {
                continue;
            }
            let (claimed, last) = self.claim(queues, limit).await?;
            found += claimed;
            // What comes before the last queue that gave something has given all it had.
            more |= last.is_some();
            let last = last.and_then(|last| queues.iter().position(|queue| **queue == *last));
            dry.extend(queues[..last.unwrap_or(queues.len())].iter().map(ToString::to_string));
            if found >= wanted {
                break;
            }
        }
        self.dry.extend(dry);
        Ok(found > 0 || more)
    }

    /// Gives how many jobs were claimed, and the queue of the last that was taken from a line, if
    /// the lines may hold more.
    async fn claim(
        &self,
        queues: &[&str],
        limit: usize,
    ) -> Result<(usize, Option<Arc<str>>), StorageError> {
        let server = &self.server;
        let params = ClaimParams {
            server: server.id(),
            queues,
            kinds: &server.kinds,
            limit: u32::try_from(limit).unwrap_or(u32::MAX),
        };
        let _claiming = server.begin_claim();
        let mut effects = Effects::default();
        let claims = server.storage().claim(&params, &mut effects).await;
        let claims = claims.inspect_err(|_| server.strays.suspect())?;
        server.storage().tell(effects);
        let found = claims.jobs.len();
        server.accept(claims.jobs);
        Ok((found, claims.last))
    }

    /// How many of these queues are asked in one claim. One with a limit is asked alone.
    fn together(&self, queues: &[&str]) -> usize {
        let limits = &self.server.settings.queue_limits;
        match queues.iter().take(MOST_QUEUES).position(|queue| limits.contains_key(*queue)) {
            Some(0) => 1,
            Some(limited) => limited,
            None => queues.len().min(MOST_QUEUES),
        }
    }

    /// The queues in the order in which this claim goes through them.
    fn order(&self) -> Vec<&str> {
        let Queues::Weighted(weighted) = &self.server.settings.queues else {
            return self.server.queues.iter().map(String::as_str).collect();
        };
        // Ordering by random^(1/weight) puts each first as often as its weight says.
        let mut keyed: Vec<(f64, &str)> = weighted
            .iter()
            .map(|(queue, weight)| {
                (rand::random::<f64>().powf(1.0 / f64::from(*weight)), queue.as_str())
            })
            .collect();
        keyed.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        keyed.into_iter().map(|(_, queue)| queue).collect()
    }

    /// How many more jobs of a queue this server may have.
    fn room(&self, queue: &str) -> usize {
        match self.server.settings.queue_limits.get(queue) {
            None => usize::MAX,
            Some(limit) => limit.saturating_sub(self.server.held(queue)),
        }
    }

    /// Gives back what waits while the workers are busy with something longer.
    fn give_back_excess(&self) {
        for claimed in self.server.buffer.take_excess(STALE) {
            self.server.give_back(claimed);
        }
    }
}
