//! The jobs. Each notes its start and its end, and returns the lease under which it ran, so that
//! the checker can tell whose success was accepted.

use std::time::Duration;

use jobs_runtime::prelude::*;
use jobs_tests::checker::{Ending, Event, Record};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Works for so many milliseconds.
#[job(retries = 3, backoff = "1s")]
pub(crate) async fn work(millis: u64, ctx: JobContext, #[inject] record: State<Record>) -> i64 {
    let run = Noted::new(&ctx, record);
    tokio::time::sleep(Duration::from_millis(millis)).await;
    run.done()
}

/// The same, as a kind that only the new release knows.
#[job(retries = 3, backoff = "1s")]
pub(crate) async fn newer(millis: u64, ctx: JobContext, #[inject] record: State<Record>) -> i64 {
    let run = Noted::new(&ctx, record);
    tokio::time::sleep(Duration::from_millis(millis)).await;
    run.done()
}

/// Continues a job that returned its lease.
#[job(retries = 3, backoff = "1s")]
pub(crate) async fn follow(
    #[from_parent] parent: i64,
    ctx: JobContext,
    #[inject] record: State<Record>,
) -> i64 {
    let run = Noted::new(&ctx, record);
    assert!(parent > 0, "the parent's lease");
    run.done()
}

/// Fails two times in five, and ends as Failed after the third attempt.
#[job(retries = 2, backoff = "0s")]
pub(crate) async fn shaky(ctx: JobContext, #[inject] record: State<Record>) -> anyhow::Result<i64> {
    let run = Noted::new(&ctx, record);
    tokio::time::sleep(Duration::from_millis(rand::random_range(0..20))).await;
    anyhow::ensure!(rand::random_range(0..5) > 1, "bad luck");
    Ok(run.done())
}

/// Follows the batch of those.
#[job(retries = 3, backoff = "1s")]
pub(crate) async fn gather(
    #[from_parent] leases: Vec<i64>,
    ctx: JobContext,
    #[inject] record: State<Record>,
) -> i64 {
    let run = Noted::new(&ctx, record);
    assert!(leases.iter().all(|lease| *lease > 0), "the leases of all");
    run.done()
}

/// Kills its process.
#[job(retries = 2)]
pub(crate) async fn killer(ctx: JobContext, #[inject] record: State<Record>) -> i64 {
    let run = Noted::new(&ctx, record);
    die();
    run.done()
}

/// Fires once a second.
#[recurring(every = "1s", retries = 3)]
pub(crate) async fn tick(ctx: JobContext, #[inject] record: State<Record>) -> i64 {
    Noted::new(&ctx, record).done()
}

/// Nothing can run after this, neither a handler nor a destructor.
pub(crate) fn die() {
    kill(Pid::this(), Signal::SIGKILL).expect("a signal to oneself");
}

/// A run that is under way; cut short if it is dropped.
pub(crate) struct Noted {
    record: State<Record>,
    job: JobId,
    lease: i64,
    how: Ending,
}

impl Noted {
    pub(crate) fn new(ctx: &JobContext, record: State<Record>) -> Self {
        let (job, lease) = (ctx.id(), ctx.lease());
        let (kind, attempt) = (ctx.kind().to_owned(), ctx.attempt());
        record.note(Event::Started { job, kind, lease, attempt });
        Self { record, job, lease, how: Ending::CutShort }
    }

    pub(crate) fn done(mut self) -> i64 {
        self.how = Ending::Done;
        self.lease
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        let (job, lease, how) = (self.job, self.lease, self.how);
        self.record.note(Event::Ended { job, lease, how });
    }
}
