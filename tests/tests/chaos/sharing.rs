//! Two servers with free workers share slow jobs: none of them claims more than it can start.

use super::on_each_database;
use super::world::World;

/// More than one server could run before the other begins, however late that is.
const JOBS: usize = 200;

on_each_database!(slow_jobs_wait_in_the_line_for_a_free_worker);

async fn slow_jobs_wait_in_the_line_for_a_free_worker(mut world: World) {
    let workers = ["--workers", "5"];
    // All are there before any is taken: jobs that come one by one could all go to whoever is told
    // first.
    world.client().pause_queue("default").await.expect("the storage answers");
    world.enqueue("work", JOBS, &["--works", "300"]).await;
    let servers = [world.worker(&workers).await, world.worker(&workers).await];
    world.client().resume_queue("default").await.expect("the storage answers");
    world.until_settled().await;
    let history = world.checked().await;
    for server in &servers {
        let ran = history.runs.iter().filter(|run| run.pid == server.pid()).count();
        println!("process {} ran {ran}", server.pid());
        assert!(ran >= JOBS / 4, "process {} ran {ran} of {JOBS}", server.pid());
    }
    drop(servers);
    world.remove().await;
}
