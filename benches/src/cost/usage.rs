//! What this process has used.

use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// Sums since the process began, or between two moments.
#[derive(Debug)]
pub(super) struct Usage {
    pub(super) cpu: Duration,
    /// To files, as far as the system tells.
    pub(super) written_bytes: Option<f64>,
    /// With the feature `allocations`.
    pub(super) allocations: Option<f64>,
    pub(super) allocated_bytes: Option<f64>,
}

impl Usage {
    pub(super) fn now() -> Result<Self> {
        let usage = getrusage(UsageWho::RUSAGE_SELF).context("no processor time is known")?;
        let (allocations, allocated_bytes) = allocated();
        Ok(Self {
            cpu: duration(usage.user_time()) + duration(usage.system_time()),
            written_bytes: written(),
            allocations,
            allocated_bytes,
        })
    }

    pub(super) fn since(&self, before: &Self) -> Self {
        let less = |after: Option<f64>, before: Option<f64>| Some(after? - before?);
        Self {
            cpu: self.cpu.saturating_sub(before.cpu),
            written_bytes: less(self.written_bytes, before.written_bytes),
            allocations: less(self.allocations, before.allocations),
            allocated_bytes: less(self.allocated_bytes, before.allocated_bytes),
        }
    }
}

fn duration(time: TimeVal) -> Duration {
    let micros = time.tv_sec() * 1_000_000 + time.tv_usec();
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

/// Linux counts what a process hands to `write`.
fn written() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/io").ok()?;
    text.lines().find_map(|line| line.strip_prefix("wchar: "))?.parse().ok()
}

#[cfg(feature = "allocations")]
fn allocated() -> (Option<f64>, Option<f64>) {
    use std::alloc::System;

    use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

    #[global_allocator]
    static COUNTING: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

    let stats = COUNTING.stats();
    let count = stats.allocations + stats.reallocations;
    (Some(count as f64), Some(stats.bytes_allocated as f64))
}

#[cfg(not(feature = "allocations"))]
fn allocated() -> (Option<f64>, Option<f64>) {
    (None, None)
}
