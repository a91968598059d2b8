//! Five processes with one schedule, two of which are killed: one enqueue for each second.

use std::collections::HashSet;

use jobs_runtime::{JobId, JobState};
use jobs_tests::checker::{Event, check, check_occurrences, now};

use super::world::{Patience, World};
use super::{is_long, on_each_database};

const SECOND: i64 = 1_000_000;
/// While no server was heard of, occurrences count as missed: the silence of a dead server is longer
/// than a disk stalls.
const SETTINGS: [&str; 4] = ["--heartbeat", "1000", "--dead-after", "10000"];
const KILLED: usize = 2;

on_each_database!(each_second_has_one_enqueue);

async fn each_second_has_one_enqueue(mut world: World) {
    let seconds = if is_long() { 60 } else { 15 };
    let arguments = [&SETTINGS[..], &["--tick"]].concat();
    let mut workers = vec![world.worker(&arguments).await];
    let began = now();
    for _ in 1..5 {
        workers.push(world.start_worker(&arguments));
    }
    for share in 1..=KILLED {
        until_run(&mut world, seconds * share / 3).await;
        workers.remove(0).kill();
    }
    until_run(&mut world, seconds).await;
    assert!(world.client().recurring().pause("tick").await.expect("the storage answers"));
    world.until_settled().await;

    let mut tables = world.tables().await;
    let fires = tables.fires().await;
    let jobs = tables.jobs(Some("tick")).await;
    // From the first that a live server was there for, to the last before the pause.
    let last = fires.last().map_or(began, |fire| fire.at);
    let found = check_occurrences(&fires, &jobs, SECOND, (began + SECOND, last));
    assert!(found.is_empty(), "{found:#?}");
    assert!(fires.len() >= seconds, "{} occurrences", fires.len());
    println!("{} occurrences, {} jobs", fires.len(), jobs.len());

    let history = world.history().await;
    let found = check(&history);
    assert!(found.is_empty(), "{found:#?}");
    for job in jobs {
        assert_eq!(history.states[&job], JobState::Succeeded);
    }
    for worker in &mut workers {
        assert!(worker.ended().is_none(), "a worker ended:\n{}", worker.log());
    }
    drop(workers);
    world.remove().await;
}

/// Waits until so many jobs of the schedule have been started. A run that its worker had no time to
/// report is started a second time, and no other job.
async fn until_run(world: &mut World, count: usize) {
    let mut patience = Patience::new("occurrences are run");
    while started(world).len() < count {
        patience.pause().await;
    }
}

fn started(world: &mut World) -> HashSet<JobId> {
    let started = world.lines().iter().filter_map(|line| match &line.event {
        Event::Started { job, kind, .. } if kind == "tick" => Some(*job),
        _ => None,
    });
    started.collect()
}
