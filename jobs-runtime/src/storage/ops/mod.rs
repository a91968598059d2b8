//! What is decided once for all databases: each function runs inside one transaction of
//! [`Tables`](super::tables::Tables).

mod act;
mod act_all;
mod again;
mod apart;
mod complete;
mod count;
mod delete;
mod drop;
mod end;
mod enqueue;
mod fire;
mod graph;
mod group;
mod keys;
mod monitor;
mod parents;
mod park;
mod place;
mod reopen;
mod report;
mod rescue;
mod retain;
mod search;
mod settle;
mod settled;
mod start;
mod strays;
mod stuck;
mod tag;
mod throttles;

use std::collections::BTreeSet;
use std::time::Instant;

pub use act::Acted;
pub(crate) use act::{Act, act};
pub use act_all::ActedAll;
pub(crate) use act_all::act_all;
pub(crate) use apart::set_apart;
pub(crate) use complete::{Complete, Completed, complete};
pub(crate) use enqueue::{enqueue, enqueue_leased};
pub(crate) use fire::{Fired, fire, trigger};
pub(crate) use graph::{StoredGraph, join, store_graph};
pub(crate) use group::{Stride, cancel_some, close, requeue_failed_some, tree};
pub(crate) use monitor::{
    busy, count_ends, latest_failures, latest_successes, loads, members, stored_kinds, summary,
    throughput,
};
pub(crate) use park::park_unknown;
pub(crate) use place::promote_due;
pub(crate) use report::report;
pub(crate) use rescue::rescue;
pub use retain::Retention;
pub(crate) use retain::{Sweep, sweep};
pub(crate) use search::search;
pub(crate) use settled::settled;
pub(crate) use strays::release_strays;
pub(crate) use stuck::records;
pub(crate) use tag::tag;
pub(crate) use throttles::{
    Claims, call_due, claim, is_gated, may_hold_slot, set_limit, throttles,
};

use crate::job::{JobFailure, JobId};
use crate::storage::NewJob;

/// What a transaction did that others wait for; told to them after its commit.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    /// Queues whose lines have grown.
    pub(crate) queues: BTreeSet<String>,
    /// A job was scheduled.
    pub(crate) scheduled: bool,
    /// When somebody has to look at a throttle that jobs wait for, if that is soon.
    pub(crate) next_call: Option<Instant>,
    /// Jobs that have settled.
    pub(crate) settled: Vec<JobId>,
    /// Jobs that were stored.
    #[cfg(feature = "metrics")]
    pub(crate) stored: crate::telemetry::StoredJobs,
}

impl Effects {
    /// Jobs were stored.
    fn store(&mut self, jobs: &[NewJob]) {
        #[cfg(feature = "metrics")]
        self.stored.add(jobs);
        #[cfg(not(feature = "metrics"))]
        let _ = jobs;
    }

    /// A throttle is to be looked at by then, if by any time.
    fn call_by(&mut self, instant: Option<Instant>) {
        self.next_call = self.next_call.into_iter().chain(instant).min();
    }
}

/// A failure as it is stored.
fn failure_json(failure: &JobFailure) -> String {
    // A struct of strings always encodes.
    serde_json::to_string(failure).unwrap_or_default()
}
