//! Five processes with one schedule, two of which are killed: one enqueue for each second.

use std::time::Duration;

use jobs_runtime::JobState;
use jobs_tests::checker::{Event, Line, check, check_occurrences, now};

use super::world::{SOON, World};
use super::{is_long, on_each_database};

const SECOND: i64 = 1_000_000;
/// How late an occurrence may be while several processes look after it.
const LATE: i64 = 2 * SECOND;
const KILLED: usize = 2;

on_each_database!(each_second_has_one_enqueue);

async fn each_second_has_one_enqueue(mut world: World) {
    let seconds = if is_long() { 60 } else { 15 };
    let arguments = [&SOON[..], &["--tick"]].concat();
    let mut workers = vec![world.worker(&arguments).await];
    let began = now();
    for _ in 1..5 {
        workers.push(world.start_worker(&arguments));
    }
    for share in 1..=KILLED {
        world.until("ticks", seconds * share / 3, is_tick).await;
        workers.remove(0).kill();
    }
    world.until("ticks", seconds, is_tick).await;

    // What is due at this moment may be left out; what was due before may not.
    let ended = now();
    assert!(world.client().recurring().pause("tick").await.expect("the storage answers"));
    world.until_settled(Duration::from_secs(20)).await;

    let mut tables = world.tables().await;
    let fires = tables.fires().await;
    let jobs = tables.jobs(Some("tick")).await;
    let found = check_occurrences(&fires, &jobs, SECOND, (began + SECOND, ended - LATE));
    assert!(found.is_empty(), "{found:#?}");
    // A run that its worker had no time to report is started a second time.
    assert!(fires.len() + KILLED >= seconds);
    let inside = fires.iter().filter(|fire| fire.at > began && fire.at <= ended - LATE).count();
    println!("{} occurrences, {} jobs, {inside} in the span checked", fires.len(), jobs.len());

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

fn is_tick(line: &Line) -> bool {
    matches!(&line.event, Event::Started { kind, .. } if kind == "tick")
}
