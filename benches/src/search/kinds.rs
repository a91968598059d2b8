//! The jobs that are looked for.

use std::time::Duration;

use anyhow::{Result, bail};
use jobs_runtime::prelude::*;
use jobs_runtime::{Client, JobRequest};

/// Several kinds that do nothing, each with a call that stores many of it.
macro_rules! kinds {
    ($($kind:ident),+) => {
        $(
            #[job]
            pub(super) async fn $kind(number: u64, note: String) {
                let _ = (number, note);
            }
        )+

        /// In turns, those that succeed.
        pub(super) const SUCCEEDING: &[&str] = &[$(stringify!($kind)),+];

        /// Stores jobs of these numbers, all of one kind.
        pub(super) async fn store(
            client: &Client,
            kind: &str,
            numbers: impl Iterator<Item = usize>,
        ) -> Result<()> {
            match kind {
                $(stringify!($kind) => {
                    let request = |n: usize| dressed(n, $kind::job(n as u64, note(n)));
                    client.enqueue_all(numbers.map(request)).await?;
                })+
                "charge_card" => {
                    let request = |n: usize| dressed(n, charge_card::job(n as u64, note(n)));
                    client.enqueue_all(numbers.map(request)).await?;
                }
                other => bail!("{other} is no kind of these jobs"),
            }
            Ok(())
        }
    };
}

kinds!(send_mail, resize_image, sync_contact, write_report);

/// One that fails for good.
#[job(retries = 0)]
async fn charge_card(number: u64, note: String) -> Result<(), std::io::Error> {
    let _ = note;
    Err(std::io::Error::other(format!("card {number} was declined")))
}

/// One that is still running when it is looked for.
#[job(queue = "slow")]
pub(super) async fn sleep_long() {
    tokio::time::sleep(Duration::from_secs(24 * 60 * 60)).await;
}

/// The queues of the others.
pub(super) const QUEUES: usize = 10;

pub(super) fn queue(number: usize) -> String {
    format!("queue-{}", number % QUEUES)
}

/// About 90 bytes of arguments, with a text of its own for each job.
fn note(number: usize) -> String {
    format!("for customer-{number}@example.com, as agreed in the spring")
}

/// In one of the queues; one in ten with two tags.
fn dressed<J: Job>(number: usize, request: JobRequest<J>) -> JobRequest<J> {
    let request = request.queue(queue(number / 7));
    match number % 10 {
        0 => request
            .tag(format!("tenant-{}", number / 10 % 100))
            .tag(format!("region-{}", number / 10 % 4)),
        _ => request,
    }
}
