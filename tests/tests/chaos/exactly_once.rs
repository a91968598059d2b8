//! Processes that die in the middle of jobs with effects: what a job writes together with its
//! success, and what it does in steps, happens once.

use super::on_each_database;
use super::world::{Patience, SOON, World, is_settled};

const JOBS: usize = 3;
const INNOCENTS: usize = 50;

on_each_database!(effects_that_commit_with_the_success_happen_once);
on_each_database!(a_step_that_has_ended_is_not_run_again);

async fn effects_that_commit_with_the_success_happen_once(mut world: World) {
    let mut tables = world.tables().await;
    tables.make_effects().await;
    world.enqueue("die-before-commit", JOBS, &[]).await;
    world.enqueue("work", INNOCENTS, &["--works", "5"]).await;
    world.enqueue("die-after-commit", JOBS, &[]).await;
    let deaths = run_all(&mut world).await;
    assert!(deaths >= 2, "{deaths} processes died");

    world.checked().await;
    assert_eq!(world.counts().await.succeeded as usize, 2 * JOBS + INNOCENTS);
    let mut effects = tables.effects().await;
    assert_eq!(effects.len(), 2 * JOBS, "{effects:?}");
    effects.dedup();
    assert_eq!(effects.len(), 2 * JOBS, "{effects:?}");
    drop(tables);
    world.remove().await;
}

async fn a_step_that_has_ended_is_not_run_again(mut world: World) {
    let mut tables = world.tables().await;
    tables.make_effects().await;
    world.enqueue("die-in-step", 1, &[]).await;
    let deaths = run_all(&mut world).await;
    assert!(deaths >= 1, "no process died");

    world.checked().await;
    let effects = tables.effects().await;
    let steps: Vec<&str> = effects.iter().map(|(_, what)| what.as_str()).collect();
    assert_eq!(steps, ["first", "second", "third"]);
    drop(tables);
    world.remove().await;
}

/// Runs all jobs, by workers in the place of which others come when they die; gives how many did.
async fn run_all(world: &mut World) -> usize {
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
    deaths
}
