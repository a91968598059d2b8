//! Many workers in several processes on one large batch, whose jobs fail at random, and two of the
//! processes are killed: its counters are what the states say, and what follows it runs once.

use jobs_runtime::BatchState;
use jobs_tests::checker::Event;

use super::world::{Patience, SOON, World, is_end, is_start};
use super::{is_long, on_each_database};

const MANY: usize = 20_000;
/// In a file that five processes write to by turns, unless there is time.
const FEWER: usize = 4_000;
/// In each of five processes.
const WORKERS: [&str; 2] = ["--workers", "50"];

on_each_database!(a_batch_ends_once_and_its_counters_hold);

async fn a_batch_ends_once_and_its_counters_hold(mut world: World) {
    let jobs = if world.is_file() && !is_long() { FEWER } else { MANY };
    world.enqueue("shaky", jobs, &[]).await;
    let batch = world.client().batches(None, 1).await.expect("the storage answers").remove(0);
    let batch = world.client().batch_handle::<i64>(batch.id);
    let mut workers = Vec::new();
    for _ in 0..5 {
        workers.push(world.start_worker(&[&WORKERS[..], &SOON].concat()));
    }
    for ended in [jobs / 5, jobs] {
        world.until("so many runs have ended", ended, is_end).await;
        let mut victim = workers.remove(0);
        world.stop_at_work(&victim).await;
        victim.kill();
    }

    let mut patience = Patience::new("the batch has come to its end");
    let mut requeued = 0;
    loop {
        let status = batch.status().await.expect("the storage answers");
        if status.is_stuck() {
            // Nothing moves, so that both can be read one after the other.
            let counts = world.counts().await;
            assert_eq!(status.counts.total, jobs as u64);
            assert_eq!(status.counts.succeeded, counts.succeeded, "{status:?}");
            assert_eq!(status.counts.failed, counts.failed, "{status:?}");
            requeued += batch.requeue_failed().await.expect("the storage answers");
        }
        if status.state.is_settled() {
            break;
        }
        patience.pause().await;
    }
    world.until_settled().await;
    let status = batch.status().await.expect("the storage answers");
    assert_eq!(status.state, BatchState::Succeeded);
    assert_eq!((status.counts.succeeded, status.counts.pending), (jobs as u64, 0));
    assert_eq!(world.counts().await.succeeded, jobs as u64 + 1);
    let gathers = |line: &jobs_tests::checker::Line| matches!(&line.event, Event::Started { kind, .. } if kind == "gather");
    assert_eq!(world.count(gathers), 1, "what follows the batch ran once");
    let runs = world.count(is_start);
    println!("{jobs} jobs in {runs} runs, {requeued} requeued as Failed, two processes killed");
    assert!(requeued > 0 && runs > jobs);
    drop(workers);
    world.remove().await;
}
