//! One of two workers is killed in the middle: nothing is lost, nothing runs twice at a time, and
//! all is done within 40 s of its death, by the settings that a user gets.

use std::time::{Duration, Instant};

use super::on_each_database;
use super::world::{World, is_end};

const JOBS: usize = 1_000;
/// Every so manieth job has a continuation, which is one more job.
const FOLLOWED: usize = 20;
const RECOVERY: Duration = Duration::from_secs(40);

on_each_database!(all_jobs_succeed_within_40_s);

async fn all_jobs_succeed_within_40_s(mut world: World) {
    let parents = JOBS * FOLLOWED / (FOLLOWED + 1);
    let follow = FOLLOWED.to_string();
    world.enqueue("work", parents, &["--works", "100", "--follow", &follow]).await;
    let stored = parents + parents / FOLLOWED;
    let mut victim = world.worker(&[]).await;
    let survivor = world.worker(&[]).await;

    world.until("half of the jobs have ended", JOBS / 2, is_end).await;
    world.stop_at_work(&victim).await;
    victim.kill();
    let died = Instant::now();
    world.until_settled_within(RECOVERY).await;
    println!("all jobs done {:.1} s after the death", died.elapsed().as_secs_f64());

    let history = world.checked().await;
    assert_eq!(history.stored.len(), stored);
    assert_eq!(world.counts().await.succeeded, stored as u64);
    let died =
        |pid| history.runs.iter().filter(|run| run.pid == pid && run.ended.is_none()).count();
    assert!(died(victim.pid()) > 0, "the victim was killed while it ran nothing");
    assert_eq!(died(survivor.pid()), 0);
    drop(survivor);
    world.remove().await;
}
