//! A database with a million jobs, stored and run by the library itself.

use std::time::Duration;

use anyhow::{Context, Result};
use jobs_runtime::{
    Batch, BatchHandle, Client, JobFilter, JobState, RecurringJob, Runtime, Throttle,
};

use super::Filled;
use super::kinds::{self, QUEUES, SUCCEEDING, sleep_long};
use crate::scenarios::Sizes;
use crate::target::Target;

const SUCCEEDED: usize = 1_000_000;
const FAILED: usize = 100_000;
const WAITING: usize = 100_000;
const SCHEDULED: usize = 10_000;
const AWAITING: usize = 5_000;
const BATCHES: usize = 200;
const MEMBERS: usize = 100;
const SCHEDULES: usize = 50;
const THROTTLES: usize = 20;
const SLEEPING: usize = 20;
/// Jobs in one transaction, all of one kind.
const AT_ONCE: usize = 1_000;
/// A day, over which those that have ended are spread.
const DAY: Duration = Duration::from_secs(23 * 60 * 60);
const TOMORROW: Duration = Duration::from_secs(24 * 60 * 60);

/// # Errors
/// If the database refuses something.
pub(super) async fn fill(target: &Target, sizes: &Sizes) -> Result<Filled> {
    let storage = target.fresh().await?;
    let client = Client::new(storage.clone());
    let kind = |chunk: usize| SUCCEEDING[chunk % SUCCEEDING.len()];
    store(&client, 0..sizes.of(SUCCEEDED), kind).await?;
    store(&client, 0..sizes.of(FAILED), |_| "charge_card").await?;
    throttled(&client).await?;
    run_down(&client).await?;
    target.spread_ends(DAY).await?;

    let runtime = runtime(&client).await?;
    store(&client, 0..sizes.of(WAITING), kind).await?;
    let batch = waiting(&client, sizes).await?;
    target.tidy().await?;
    Ok(Filled { client, runtime, batch })
}

async fn store(
    client: &Client,
    numbers: std::ops::Range<usize>,
    kind: impl Fn(usize) -> &'static str,
) -> Result<()> {
    let (end, mut chunks) = (numbers.end, tokio::task::JoinSet::new());
    for (chunk, start) in numbers.step_by(AT_ONCE).enumerate() {
        // Two are written at a time, as far as the database can.
        if chunks.len() == 2
            && let Some(stored) = chunks.join_next().await
        {
            stored??;
        }
        let (client, kind) = (client.clone(), kind(chunk));
        chunks.spawn(
            async move { kinds::store(&client, kind, start..end.min(start + AT_ONCE)).await },
        );
    }
    while let Some(stored) = chunks.join_next().await {
        stored??;
    }
    Ok(())
}

/// Jobs that have passed a throttle, so that there are some.
async fn throttled(client: &Client) -> Result<()> {
    let hour = Duration::from_secs(60 * 60);
    let request = |number: usize| {
        let throttle = Throttle::sliding(format!("api-{number}"), 1_000, hour);
        kinds::send_mail::job(number as u64, "limited").queue(kinds::queue(0)).throttle(throttle)
    };
    client.enqueue_all((0..THROTTLES).map(request)).await?;
    Ok(())
}

async fn run_down(client: &Client) -> Result<()> {
    let runtime = Runtime::builder(client.storage().clone())
        .workers(50)
        // In turns, so that what ended last is of all queues.
        .weighted_queues((0..QUEUES).map(|number| (kinds::queue(number), 1)))
        .start()
        .await?;
    runtime.drain().await?;
    runtime.shutdown().await?;
    Ok(())
}

/// One that asks as little as possible of the database, while it runs some slow jobs.
async fn runtime(client: &Client) -> Result<Runtime> {
    let jobs = (0..SLEEPING).map(|_| sleep_long::job());
    client.enqueue_all(jobs).await?;
    let runtime = Runtime::builder(client.storage().clone())
        .workers(SLEEPING)
        .queues(["slow"])
        .heartbeat_every(Duration::from_secs(60))
        .dead_after(Duration::from_secs(600))
        .poll_every(Duration::from_secs(60))
        .grace(Duration::ZERO)
        .start()
        .await?;
    let running = JobFilter::new().state(JobState::Processing);
    while client.search(&running).await?.jobs.len() < SLEEPING {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(runtime)
}

/// What else waits, and what was deleted; gives a batch.
async fn waiting(client: &Client, sizes: &Sizes) -> Result<jobs_runtime::BatchId> {
    let tomorrow = |n: usize| kinds::sync_contact::job(n as u64, "tomorrow").delay(TOMORROW);
    let scheduled = client.enqueue_all((0..sizes.of(SCHEDULED)).map(tomorrow)).await?;
    let parent = scheduled.first().context("nothing was scheduled")?;
    let after = |n: usize| kinds::write_report::job(n as u64, "afterwards").after(parent);
    client.enqueue_all((0..sizes.of(AWAITING)).map(after)).await?;
    let dropped = |n: usize| kinds::resize_image::job(n as u64, "dropped").delay(TOMORROW);
    client.enqueue_all((0..sizes.of(SCHEDULED)).map(dropped)).await?;
    let dropped = JobFilter::new().state(JobState::Scheduled).kind("resize_image");
    client.delete_all(&dropped).await?;
    let rare = |n: usize| kinds::send_mail::job(n as u64, "rare").delay(TOMORROW).tag("rare");
    client.enqueue_all((0..5).map(rare)).await?;

    for number in 0..SCHEDULES {
        let request = kinds::send_mail::job(number as u64, "newsletter");
        RecurringJob::new(format!("newsletter-{number}"), "0 9 * * MON-FRI", request)
            .with(client)
            .add_or_update()
            .await?;
    }
    let mut last: Option<BatchHandle<()>> = None;
    for number in 0..sizes.of(BATCHES).min(BATCHES) {
        let member = |n: usize| kinds::send_mail::job(n as u64, "member").queue("members");
        let batch = Batch::new(format!("batch {number}")).add_all((0..MEMBERS).map(member));
        last = Some(batch.enqueue_with(client).await?);
    }
    Ok(last.context("no batch was stored")?.id())
}
