//! A process is killed in a stream of enqueues: every one that had returned is stored.

use std::collections::HashSet;

use jobs_runtime::JobId;

use super::on_each_database;
use super::world::{World, is_stored};

const RETURNED: usize = 300;

on_each_database!(what_was_returned_is_stored);

async fn what_was_returned_is_stored(mut world: World) {
    let mut enqueuer = world.start_enqueuer(&["--kind", "work", "--count", "1000000"]);
    world.until("enqueues have returned", RETURNED, is_stored).await;
    enqueuer.kill();
    world.until_no_sessions().await;

    let history = world.history().await;
    let stored: HashSet<JobId> = history.states.keys().copied().collect();
    let returned: HashSet<JobId> = history.stored.iter().map(|stored| stored.job).collect();
    println!("{} had returned, {} are stored", returned.len(), stored.len());
    assert!(returned.len() >= RETURNED);
    let lost: Vec<_> = returned.difference(&stored).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    // The one that was under way when the process died.
    assert!(stored.len() - returned.len() <= 1, "stored and never returned");

    let worker = world.worker(&[]).await;
    world.until_settled().await;
    world.checked().await;
    assert_eq!(world.counts().await.succeeded, stored.len() as u64);
    drop(worker);
    world.remove().await;
}
