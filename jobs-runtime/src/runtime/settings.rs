//! The settings of a runtime.

use std::collections::HashMap;
use std::time::Duration;

use crate::error::Error;
use crate::request::check_queue;

/// Everything that can be set, with its default.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) name: String,
    pub(crate) workers: usize,
    pub(crate) queues: Queues,
    /// The most jobs of a queue that this server runs at a time.
    pub(crate) queue_limits: HashMap<String, usize>,
    /// How often the server looks for what nobody told it of.
    pub(crate) poll_every: Duration,
    pub(crate) heartbeat_every: Duration,
    /// The silence after which a server is declared dead.
    pub(crate) dead_after: Duration,
    /// How long running jobs have to end when the server shuts down.
    pub(crate) grace: Duration,
    /// How long a job has to end when its token has tripped.
    pub(crate) cancel_grace: Duration,
    /// How long a kind may be known to no live server before its jobs are parked.
    pub(crate) park_after: Duration,
    pub(crate) sweep_every: Duration,
}

/// The queues that a server takes jobs from.
#[derive(Debug, Clone)]
pub(crate) enum Queues {
    /// All that the registered kinds name.
    OfKinds,
    /// The first that has jobs, always.
    Strict(Vec<String>),
    /// Each as often as its weight says.
    Weighted(Vec<(String, u32)>),
}

const MOST_WORKERS: usize = 10_000;

impl Default for Settings {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            name: default_name(),
            workers: (5 * cores).min(20),
            queues: Queues::OfKinds,
            queue_limits: HashMap::new(),
            // So that what is found by a poll alone starts within a second.
            poll_every: Duration::from_millis(900),
            heartbeat_every: Duration::from_secs(3),
            dead_after: Duration::from_secs(15),
            grace: Duration::from_secs(30),
            cancel_grace: Duration::from_secs(2),
            park_after: Duration::from_secs(600),
            sweep_every: Duration::from_secs(60),
        }
    }
}

/// Host and process.
fn default_name() -> String {
    let host = std::env::var("HOSTNAME").ok().filter(|host| !host.is_empty());
    let host = host.or_else(|| {
        std::fs::read_to_string("/etc/hostname").ok().map(|name| name.trim().to_owned())
    });
    format!("{}:{}", host.unwrap_or_else(|| "localhost".to_owned()), std::process::id())
}

impl Settings {
    pub(crate) fn check(&self) -> Result<(), Error> {
        if !(1..=MOST_WORKERS).contains(&self.workers) {
            return Err(Error::Setting(format!(
                "{} workers are not possible: give 1 to {MOST_WORKERS}",
                self.workers
            )));
        }
        if self.dead_after < self.heartbeat_every.saturating_mul(2) {
            return Err(Error::Setting(format!(
                "a server is declared dead after {:?}, but sends a heartbeat every {:?} only; \
                 give at least twice that",
                self.dead_after, self.heartbeat_every
            )));
        }
        let intervals = [
            ("poll_every", self.poll_every),
            ("heartbeat_every", self.heartbeat_every),
            ("sweep_every", self.sweep_every),
        ];
        if let Some((name, _)) = intervals.iter().find(|(_, interval)| interval.is_zero()) {
            return Err(Error::Setting(format!(
                "`{name}` is zero, which would ask the storage without a pause: give a second, say"
            )));
        }
        let queues = self.queues.names();
        if matches!(self.queues, Queues::Strict(_) | Queues::Weighted(_)) && queues.is_empty() {
            return Err(Error::Setting("no queue is named: name one or more".to_owned()));
        }
        if let Queues::Weighted(weighted) = &self.queues
            && let Some((queue, _)) = weighted.iter().find(|(_, weight)| *weight == 0)
        {
            return Err(Error::Setting(format!(
                "queue `{queue}` has the weight 0: give 1 or more"
            )));
        }
        queues.iter().chain(self.queue_limits.keys()).try_for_each(|queue| check_queue(queue))
    }
}

impl Queues {
    pub(crate) fn names(&self) -> Vec<String> {
        match self {
            Self::OfKinds => Vec::new(),
            Self::Strict(names) => names.clone(),
            Self::Weighted(weighted) => weighted.iter().map(|(name, _)| name.clone()).collect(),
        }
    }
}
