//! Queues, and who takes jobs from them.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, Utc};
use jobs_runtime::{QueueLoad, QueueRecord, ServerRecord};

use super::{Page, page};
use crate::app::App;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "queues.html")]
struct Queues {
    v: Visit,
    queues: Vec<Queue>,
}

/// A queue that has jobs, servers or a pause.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    pub(crate) name: String,
    pub(crate) waiting: u64,
    pub(crate) throttled: u64,
    pub(crate) oldest: Option<DateTime<Utc>>,
    pub(crate) paused: bool,
    pub(crate) servers: u64,
    pub(crate) workers: u64,
    pub(crate) load: QueueLoad,
}

pub(crate) async fn show(v: Visit, State(app): State<App>) -> Page {
    let mut queues = queues(app.queues().await?, app.servers().await?);
    let mut loads = app.client.queue_loads().await?;
    for queue in &mut queues {
        queue.load = loads.remove(&queue.name).unwrap_or_default();
    }
    // Their jobs have run, and neither wait nor have a server now.
    queues.extend(loads.into_iter().map(|(name, load)| Queue { name, load, ..Queue::default() }));
    queues.sort_by(|a, b| a.name.cmp(&b.name));
    page(&Queues { queues, v })
}

impl Queues {
    /// How many runs end, in the unit that gives a number to be read at a glance.
    fn rate(&self, queue: &Queue) -> String {
        match queue.load.per_minute {
            many @ 600.. => self.v.t1("unit.per_s", self.v.number(many / 60)),
            few => self.v.t1("unit.per_min", self.v.number(few)),
        }
    }
}

/// What waits, and who takes it: by name.
pub(crate) fn queues(records: Vec<QueueRecord>, servers: Vec<ServerRecord>) -> Vec<Queue> {
    let mut queues: BTreeMap<String, Queue> = BTreeMap::new();
    for record in records {
        let queue = queues.entry(record.name).or_default();
        (queue.waiting, queue.throttled) = (record.waiting, record.throttled);
        (queue.oldest, queue.paused) = (record.oldest, record.paused);
    }
    for server in servers.into_iter().filter(|server| !server.gone) {
        for name in server.queues {
            let queue = queues.entry(name).or_default();
            queue.servers += 1;
            queue.workers += u64::from(server.workers);
        }
    }
    let named = |(name, queue)| Queue { name, ..queue };
    queues.into_iter().map(named).collect()
}
