//! An old and a new release side by side, the new one with a kind that the old one lacks: nothing
//! is parked, and nothing waits for the old one to go.

use std::collections::HashSet;

use jobs_runtime::JobId;
use jobs_tests::checker::{Event, Line};
use nix::sys::signal::Signal;

use super::on_each_database;
use super::process::Process;
use super::world::{Patience, World, is_start, is_stored};

const JOBS: usize = 200;

on_each_database!(nothing_is_parked_and_nothing_waits);

async fn nothing_is_parked_and_nothing_waits(mut world: World) {
    let mut old = world.worker(&["--old"]).await;
    let new = world.worker(&[]).await;
    let count = JOBS.to_string();
    let stream = ["--count", &count, "--works", "5", "--pause", "20", "--kind"];
    let stream = |kind| world.start_enqueuer(&[&stream[..], &[kind]].concat());
    let streams = [stream("work"), stream("newer")];

    world.until("half of the new kind is enqueued", JOBS / 2, is_newer).await;
    let newer: HashSet<JobId> = world.lines().iter().filter_map(stored_newer).collect();
    let is_run =
        |line: &Line| matches!(&line.event, Event::Started { job, .. } if newer.contains(job));
    world.until("these are run beside the old release", newer.len(), is_run).await;
    let of_old = |line: &Line| line.pid == old.pid() && is_start(line);
    world.until("the old release runs what it knows", 1, of_old).await;
    assert!(old.ended().is_none(), "{}", old.log());

    // It goes while both streams go on, as it does in a deploy.
    old.signal(Signal::SIGTERM);
    world.until("all are enqueued", JOBS * 2, is_stored).await;
    world.until_settled().await;
    let mut patience = Patience::new("the old release ends");
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
    drop((new, streams));
    world.remove().await;
}

fn runs(world: &mut World, process: &Process, wanted: &str) -> usize {
    let of_kind =
        |line: &Line| matches!(&line.event, Event::Started { kind, .. } if kind == wanted);
    world.count(|line| line.pid == process.pid() && of_kind(line))
}

/// The job of the new kind whose enqueue the line tells of.
fn stored_newer(line: &Line) -> Option<JobId> {
    match &line.event {
        Event::Stored { job, kind, .. } if kind == "newer" => Some(*job),
        _ => None,
    }
}

fn is_newer(line: &Line) -> bool {
    stored_newer(line).is_some()
}
