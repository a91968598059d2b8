//! A job that kills its own process, among innocent ones: it ends Failed after its attempts, and
//! costs none of the others more than one.

use jobs_runtime::JobState;
use jobs_tests::checker::Event;

use super::on_each_database;
use super::world::{Patience, SOON, World, is_settled};

const INNOCENTS: usize = 500;
/// The first attempt and two retries.
const ATTEMPTS: usize = 3;

on_each_database!(the_killer_fails_and_its_neighbours_do_not_pay);

async fn the_killer_fails_and_its_neighbours_do_not_pay(mut world: World) {
    world.enqueue("work", INNOCENTS / 2, &["--works", "5"]).await;
    world.enqueue("killer", 1, &[]).await;
    world.enqueue("work", INNOCENTS / 2, &["--works", "5"]).await;

    let mut workers = vec![world.worker(&SOON).await, world.worker(&SOON).await];
    let mut patience = Patience::new("all jobs have come to an end");
    let mut deaths = 0;
    while !is_settled(&world.counts().await) {
        for worker in &mut workers {
            if worker.ended().is_some() {
                deaths += 1;
                *worker = world.start_worker(&SOON);
            }
        }
        patience.pause().await;
    }
    println!("{deaths} processes died of it");

    let history = world.checked().await;
    let killer = world.lines().iter().find_map(|line| match &line.event {
        Event::Stored { job, kind, .. } if kind == "killer" => Some(*job),
        _ => None,
    });
    let killer = killer.expect("the killer was enqueued");
    assert_eq!(history.states[&killer], JobState::Failed);
    assert_eq!(history.charged(killer), ATTEMPTS);
    let mut charged = 0;
    for job in history.stored.iter().map(|stored| stored.job).filter(|job| *job != killer) {
        assert_eq!(history.states[&job], JobState::Succeeded, "innocent {job}");
        assert!(history.charged(job) <= 1, "innocent {job} paid {} times", history.charged(job));
        charged += history.charged(job);
    }
    println!("{charged} innocents were charged an attempt");
    assert!(deaths >= ATTEMPTS);
    drop(workers);
    world.remove().await;
}
