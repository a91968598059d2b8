//! A worker that is stopped for longer than a server may be silent, and goes on: its jobs were
//! run elsewhere, what it ends late changes nothing, and it works on under a new announcement.

use std::time::Duration;

use jobs_tests::checker::{Ending, Line};
use nix::sys::signal::Signal;

use super::world::{Patience, SOON, World, is_start};
use super::on_each_database;

const JOBS: usize = 60;
const WORKERS: usize = 5;

on_each_database!(a_zombie_changes_nothing_and_works_on);

async fn a_zombie_changes_nothing_and_works_on(mut world: World) {
    let arguments = [&SOON[..], &["--workers", "5"]].concat();
    world.enqueue("work", JOBS, &["--works", "300"]).await;
    let mut zombie = world.worker(&arguments).await;
    let mut other = world.worker(&arguments).await;
    let pid = zombie.pid();
    let of_zombie = move |line: &Line| line.pid == pid && is_start(line);

    world.until("the zombie is busy", WORKERS, of_zombie).await;
    zombie.signal(Signal::SIGSTOP);
    world.until_settled(Duration::from_secs(40)).await;
    assert_eq!(world.counts().await.succeeded, JOBS as u64);
    let before = world.count(of_zombie);

    zombie.signal(Signal::SIGCONT);
    let mut patience = Patience::new("it announces itself again", Duration::from_secs(20));
    let servers = async |world: &World| world.tables().await.servers().await;
    while servers(&world).await.iter().filter(|server| server.pid == pid).count() < 2 {
        patience.pause().await;
    }
    world.enqueue("work", JOBS, &["--works", "300"]).await;
    world.until("it works on", before + WORKERS, of_zombie).await;
    world.until_settled(Duration::from_secs(40)).await;

    let history = world.checked().await;
    let late = history.runs.iter().filter(|run| {
        let lost = history.lost(run);
        matches!(run.ended, Some((ended, Ending::Done)) if lost.is_some_and(|lost| lost < ended))
    });
    println!("{} runs of the zombie ended after their leases were lost", late.count());
    assert_eq!(world.counts().await.succeeded, JOBS as u64 * 2);
    let both = history.servers.iter().filter(|server| server.gone.is_none()).count();
    assert_eq!(both, 2, "the zombie and the other are announced: {:?}", history.servers);
    assert!(zombie.ended().is_none() && other.ended().is_none());
    drop((zombie, other));
    world.remove().await;
}
