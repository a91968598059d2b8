//! An old and a new release side by side, the new one with a kind that the old one lacks: nothing
//! is parked, and nothing waits for the old one to go.

use std::collections::HashMap;
use std::time::Duration;

use jobs_tests::checker::{Event, Line};
use nix::sys::signal::Signal;

use super::on_each_database;
use super::process::Process;
use super::world::{Patience, World, is_stored};

const JOBS: usize = 200;
/// Far more than a job waits that a free worker may take, far less than until the old release has
/// gone.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

on_each_database!(nothing_is_parked_and_nothing_waits);

async fn nothing_is_parked_and_nothing_waits(mut world: World) {
    let mut old = world.worker(&["--old"]).await;
    let new = world.worker(&[]).await;
    let count = JOBS.to_string();
    let stream = ["--count", &count, "--works", "5", "--pause", "20", "--kind"];
    let stream = |kind| world.start_enqueuer(&[&stream[..], &[kind]].concat());
    let streams = [stream("work"), stream("newer")];

    // The old release goes while both streams go on, as it does in a deploy.
    world.until("three quarters are enqueued", JOBS * 3 / 2, is_stored).await;
    old.signal(Signal::SIGTERM);
    world.until("all are enqueued", JOBS * 2, is_stored).await;
    world.until_settled(Duration::from_secs(20)).await;
    let mut patience = Patience::new("the old release ends", Duration::from_secs(20));
    while old.ended().is_none() {
        patience.pause().await;
    }
    assert!(old.ended().is_some_and(|status| status.success()), "{}", old.log());

    let history = world.checked().await;
    assert_eq!(history.stored.len(), JOBS * 2);
    assert_eq!(world.counts().await.succeeded, JOBS as u64 * 2);
    assert_eq!(world.counts().await.failed, 0);
    assert_eq!(runs(&mut world, &old, "newer"), 0, "the old release ran a kind that it lacks");
    assert!(runs(&mut world, &old, "work") > 0);
    assert_eq!(runs(&mut world, &new, "newer"), JOBS);
    let waited = longest_wait(world.lines());
    println!("the longest wait was {} ms", waited.as_millis());
    assert!(waited < LONGEST_WAIT, "a job waited {waited:?} beside free workers");
    drop((new, streams));
    world.remove().await;
}

fn runs(world: &mut World, process: &Process, wanted: &str) -> usize {
    let of_kind =
        |line: &Line| matches!(&line.event, Event::Started { kind, .. } if kind == wanted);
    world.count(|line| line.pid == process.pid() && of_kind(line))
}

/// From the return of an enqueue to the start of its job.
fn longest_wait(lines: &[Line]) -> Duration {
    let mut stored = HashMap::new();
    let mut longest = 0;
    for line in lines {
        match &line.event {
            Event::Stored { job, .. } => {
                stored.insert(*job, line.at);
            }
            Event::Started { job, .. } => {
                // It may be started before its enqueue has returned.
                longest = longest.max(stored.get(job).map_or(0, |at| line.at - at));
            }
            _ => {}
        }
    }
    Duration::from_micros(u64::try_from(longest).unwrap_or(0))
}
