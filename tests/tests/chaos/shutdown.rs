//! SIGTERM in the middle of work: what ends within the grace period is done, the rest goes back
//! with no attempt lost, and the process ends well.

use jobs_tests::checker::Ending;
use nix::sys::signal::Signal;

use super::on_each_database;
use super::world::{Patience, World, is_end, is_start};

const SHORT: usize = 20;
const LONG: usize = 10;
const WORKERS: usize = 10;

on_each_database!(jobs_go_back_and_lose_no_attempt);

async fn jobs_go_back_and_lose_no_attempt(mut world: World) {
    // A job that lost an attempt would be Failed: none has a second one.
    let once = ["--retries", "0", "--works"];
    world.enqueue("work", SHORT, &[&once[..], &["300"]].concat()).await;
    world.enqueue("work", LONG, &[&once[..], &["10000"]].concat()).await;
    world.enqueue("work", SHORT, &[&once[..], &["300"]].concat()).await;
    let mut worker = world.worker(&["--grace", "1500"]).await;

    world.until("the long ones run", SHORT + LONG / 2, is_start).await;
    let ended = world.count(is_end);
    worker.signal(Signal::SIGTERM);
    let mut patience = Patience::new("the worker ends");
    while worker.ended().is_none() {
        patience.pause().await;
    }
    let status = worker.ended().expect("it has ended");
    assert!(status.success(), "{status}:\n{}", worker.log());

    let counts = world.counts().await;
    assert_eq!((counts.processing, counts.failed, counts.scheduled), (0, 0, 0), "{counts:?}");
    let history = world.history().await;
    let cut = history.runs.iter().filter(|run| matches!(run.ended, Some((_, Ending::CutShort))));
    let cut = cut.count();
    println!("{ended} had ended at the signal, {cut} were cut short, {counts:?}");
    assert!((1..=WORKERS).contains(&cut), "{cut} runs were cut short");
    assert_eq!(history.attempts.len() as u64, counts.succeeded, "a run left an attempt behind");
    assert!(history.runs.iter().all(|run| run.ended.is_some()), "a run was not ended");

    let next = world.worker(&[]).await;
    world.until_settled().await;
    let history = world.checked().await;
    assert_eq!(world.counts().await.succeeded, (SHORT + LONG + SHORT) as u64);
    assert_eq!(history.attempts.len(), SHORT + LONG + SHORT);
    drop(next);
    world.remove().await;
}
