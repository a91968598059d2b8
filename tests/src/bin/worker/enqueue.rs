//! Enqueues jobs one after another.

use std::time::Duration;

use anyhow::Result;
use jobs_runtime::{Batch, Client, Job, JobHandle, JobRequest, NoInput, Storage, Throttle};
use jobs_tests::checker::{Event, Record};

use crate::arguments::{Enqueue, Kind};
use crate::effects::{in_steps, transfer};
use crate::kinds::{follow, gather, killer, newer, shaky, work};

pub(crate) async fn enqueue(storage: Storage, record: &Record, wanted: &Enqueue) -> Result<()> {
    Client::new(storage).install();
    if wanted.kind == Kind::Shaky {
        let shaky = (0..wanted.count).map(|_| shaky::job());
        Batch::new("shaky").add_all(shaky).then(gather::job()).enqueue().await?;
        return Ok(());
    }
    for number in 1..=wanted.count {
        let parent = match wanted.kind {
            Kind::Work => store(record, work::job(wanted.works), wanted).await?,
            Kind::Newer => store(record, newer::job(wanted.works), wanted).await?,
            Kind::Killer => store(record, killer::job(), wanted).await?,
            Kind::DieBeforeCommit => store(record, transfer::job(false), wanted).await?,
            Kind::DieAfterCommit => store(record, transfer::job(true), wanted).await?,
            Kind::DieInStep => store(record, in_steps::job(), wanted).await?,
            Kind::Shaky => continue,
        };
        if wanted.follow.is_some_and(|every| number % every == 0) {
            let child = follow::continue_with(&parent).await?;
            note(record, child.id(), "follow", Some(parent.id()));
        }
        tokio::time::sleep(Duration::from_millis(wanted.pause)).await;
    }
    Ok(())
}

async fn store<J: Job<Output = i64, Input = NoInput>>(
    record: &Record,
    request: JobRequest<J>,
    wanted: &Enqueue,
) -> Result<JobHandle<i64>> {
    let mut request = request;
    if let Some(retries) = wanted.retries {
        request = request.retries(retries);
    }
    if let Some(limit) = wanted.at_once {
        request = request.throttle(Throttle::concurrency("at once", limit));
    }
    if let Some(limit) = wanted.a_second {
        request = request.throttle(Throttle::sliding("a second", limit, Duration::from_secs(1)));
    }
    if let Some(key) = &wanted.fair_by {
        request = request.fair_by(key);
    }
    let handle = request.enqueue().await?;
    note(record, handle.id(), J::NAME, None);
    Ok(handle)
}

fn note(
    record: &Record,
    job: jobs_runtime::JobId,
    kind: &str,
    parent: Option<jobs_runtime::JobId>,
) {
    record.note(Event::Stored { job, kind: kind.to_owned(), parent });
}
