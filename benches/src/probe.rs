//! The jobs that are measured, and what they tell.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jobs_runtime::prelude::*;
use tokio::sync::Notify;

static STARTED: AtomicU64 = AtomicU64::new(0);
static ARRIVED: Notify = Notify::const_new();
static BEGIN: OnceLock<Instant> = OnceLock::new();
static LAST: AtomicU64 = AtomicU64::new(0);

/// A job of about 90 bytes of arguments that does nothing but be counted.
#[job(queue = "bench")]
pub(crate) async fn noop(number: u64, payload: String) {
    let _ = (number, payload);
    let begin = *BEGIN.get_or_init(Instant::now);
    LAST.store(u64::try_from(begin.elapsed().as_nanos()).unwrap_or(u64::MAX), Ordering::Release);
    STARTED.fetch_add(1, Ordering::AcqRel);
    ARRIVED.notify_one();
}

/// The payload that brings the arguments of a job to about 90 bytes.
pub(crate) fn payload() -> String {
    "x".repeat(60)
}

pub(crate) fn started() -> u64 {
    STARTED.load(Ordering::Acquire)
}

/// Waits until this many jobs have started since the process began.
pub(crate) async fn until_started(count: u64) {
    while started() < count {
        // The timeout covers a notification that another waiter took.
        let _ = tokio::time::timeout(Duration::from_millis(20), ARRIVED.notified()).await;
    }
}

/// The instant of now, on the clock of [`last_start`].
pub(crate) fn now() -> Duration {
    BEGIN.get_or_init(Instant::now).elapsed()
}

/// When the last job reached its first line.
pub(crate) fn last_start() -> Duration {
    Duration::from_nanos(LAST.load(Ordering::Acquire))
}
