//! Two servers with free workers share slow jobs: none of them claims more than it can start.

use std::time::Duration;

use super::on_each_database;
use super::world::World;

const JOBS: usize = 60;

on_each_database!(slow_jobs_wait_in_the_line_for_a_free_worker);

async fn slow_jobs_wait_in_the_line_for_a_free_worker(mut world: World) {
    let workers = ["--workers", "5"];
    let servers = [world.worker(&workers).await, world.worker(&workers).await];
    world.enqueue("work", JOBS, &["--works", "300"]).await;
    world.until_settled(Duration::from_secs(30)).await;
    let history = world.checked().await;
    for server in &servers {
        let ran = history.runs.iter().filter(|run| run.pid == server.pid()).count();
        println!("process {} ran {ran}", server.pid());
        assert!(ran >= JOBS / 4, "process {} ran {ran} of {JOBS}", server.pid());
    }
    drop(servers);
    world.remove().await;
}
