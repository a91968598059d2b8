//! A storage with a job in each state, a batch, a schedule, a throttle and a server.

use std::time::Duration;

use jobs_runtime::prelude::*;
use jobs_runtime::{BatchId, JobState};
use jobs_tests::Bench;

use crate::kinds::{
    charge_card, file_receipt, import_orders, send_welcome, sync_stock, watch_folder,
};

pub(crate) const HOUR: Duration = Duration::from_secs(3600);
/// A queue that no server takes jobs from.
pub(crate) const WAITING: &str = "waiting";
pub(crate) const SCHEDULE: &str = "morning_mail";
pub(crate) const THROTTLE: &str = "bank";

/// What there is.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) enqueued: JobId,
    pub(crate) scheduled: JobId,
    pub(crate) awaiting: JobId,
    pub(crate) processing: JobId,
    pub(crate) succeeded: JobId,
    pub(crate) failed: JobId,
    pub(crate) deleted: JobId,
    /// It holds a job that has failed and one that waits.
    pub(crate) batch: BatchId,
    runtime: Runtime,
}

impl World {
    /// Fills the storage, and leaves a server running.
    pub(crate) async fn make(bench: &Bench) -> Self {
        // One of the jobs runs until it is told to stop.
        let runtime = bench.runtime().grace(Duration::ZERO).start().await.unwrap();
        let succeeded = send_welcome::enqueue("ada@example.com").await.unwrap();
        succeeded.wait().await.unwrap();
        let charge = charge_card::job(7, 12.5).throttle(Throttle::concurrency(THROTTLE, 3));
        let failed = charge.enqueue().await.unwrap();
        failed.wait().await.unwrap_err();
        let retrying = sync_stock::enqueue("ankara").await.unwrap();
        bench.until_state(&retrying, JobState::Scheduled).await;
        let processing = watch_folder::enqueue("/orders").await.unwrap();
        bench.hear("watching /orders").await;

        let welcome = |to: &str| send_welcome::job(to).queue(WAITING);
        let enqueued = welcome("grace@example.com").enqueue().await.unwrap();
        let scheduled = welcome("edsger@example.com").delay(HOUR).enqueue().await.unwrap();
        let awaiting = file_receipt::continue_with(&scheduled, "2026/11").await.unwrap();
        let deleted = welcome("kurt@example.com").enqueue().await.unwrap();
        deleted.cancel().await.unwrap();

        let order = charge_card::job(8, 99.0);
        let order_id = order.id();
        let batch = Batch::mixed("evening").add_any(order).add_any(welcome("alan@example.com"));
        let batch = batch.enqueue().await.unwrap();
        bench.until_state(&bench.client().handle::<u32>(order_id), JobState::Failed).await;
        let schedule =
            RecurringJob::new(SCHEDULE, "0 9 * * MON-FRI", send_welcome::job("all@example.com"));
        schedule.tz("Europe/Istanbul").add_or_update().await.unwrap();
        Self {
            enqueued: enqueued.id(),
            scheduled: scheduled.id(),
            awaiting: awaiting.id(),
            processing: processing.id(),
            succeeded: succeeded.id(),
            failed: failed.id(),
            deleted: deleted.id(),
            batch: batch.id(),
            runtime,
        }
    }

    /// A job of each state.
    pub(crate) fn jobs(&self) -> [(JobState, JobId); 7] {
        [
            (JobState::Enqueued, self.enqueued),
            (JobState::Scheduled, self.scheduled),
            (JobState::Awaiting, self.awaiting),
            (JobState::Processing, self.processing),
            (JobState::Succeeded, self.succeeded),
            (JobState::Failed, self.failed),
            (JobState::Deleted, self.deleted),
        ]
    }

    /// A name for each page, for files, and its address.
    pub(crate) fn pages(&self) -> Vec<(String, String)> {
        let mut pages: Vec<(String, String)> = [
            ("overview", "/overview"),
            ("jobs", "/jobs"),
            ("jobs-retries", "/jobs?state=retries"),
            ("queues", "/queues"),
            ("throttles", "/throttles"),
            ("batches", "/batches"),
            ("recurring", "/recurring"),
            ("recurring-new", "/recurring/new"),
            ("servers", "/servers"),
            ("kinds", "/kinds"),
            ("unknown", "/nowhere"),
        ]
        .map(|(name, path)| (name.to_owned(), path.to_owned()))
        .into();
        pages.push(("recurring-edit".to_owned(), format!("/recurring/edit?id={SCHEDULE}")));
        pages.push(("batch".to_owned(), format!("/batches/{}", self.batch)));
        for (state, id) in self.jobs() {
            pages.push((format!("jobs-{state}"), format!("/jobs?state={state}")));
            pages.push((format!("job-{state}"), format!("/jobs/{id}")));
        }
        pages
    }

    /// Ends the server.
    pub(crate) async fn end(self) {
        self.runtime.shutdown().await.unwrap();
    }
}

/// A job that goes on when the test lets it.
pub(crate) async fn import(file: &str, steps: u32) -> JobHandle<u32> {
    import_orders::job(file, steps).tag("import").enqueue().await.unwrap()
}
