//! A worker that is stopped for longer than a server may be silent, and goes on: its jobs are
//! run elsewhere, what it ends late changes nothing, and it works on under a new announcement.

use std::collections::HashSet;
use std::time::Duration;

use jobs_runtime::JobId;
use jobs_tests::checker::{Ending, Event, History, Line};
use nix::sys::signal::Signal;

use super::database::Database;
use super::on_each_database;
use super::process::Process;
use super::world::{Patience, SOON, World, is_start};

const JOBS: usize = 120;
const WORKERS: usize = 5;
const WORKS: [&str; 2] = ["--works", "300"];

on_each_database!(a_zombie_changes_nothing_and_works_on);

async fn a_zombie_changes_nothing_and_works_on(mut world: World) {
    let arguments = arguments();
    world.enqueue("work", JOBS, &WORKS).await;
    let mut zombie = world.worker(&arguments).await;
    world.until("the zombie is busy", WORKERS, is_start_of(&zombie)).await;
    let taken = stop(&mut world, &zombie).await;
    let mut other = world.worker(&arguments).await;
    let again = |line: &Line| {
        line.pid != zombie.pid() && started(line).is_some_and(|job| taken.contains(&job))
    };
    world.until("one of its jobs is run again", 1, again).await;

    // It comes back while some of its jobs are run elsewhere, and others wait in the line.
    go_on(&mut world, &zombie).await;
    let history = world.checked().await;
    assert!(late(&history) > 0, "no run of the zombie ended after its lease was lost");
    println!("{} runs of the zombie ended after their leases were lost", late(&history));
    assert_eq!(world.counts().await.succeeded, JOBS as u64 * 2);
    let announced = history.servers.iter().filter(|server| server.gone.is_none()).count();
    assert_eq!(announced, 2, "the zombie and the other: {:?}", history.servers);
    assert!(zombie.ended().is_none() && other.ended().is_none());
    drop((zombie, other));
    world.remove().await;
}

/// What a transaction has locked is seen by nobody until it ends: it must not be the process
/// alone that can end it.
#[test]
fn a_zombie_that_was_stopped_inside_a_claim_holds_nothing_for_long() {
    super::run(Database::postgres(), async |mut world| {
        let arguments = arguments();
        let zombie = world.worker(&arguments).await;
        let mut tables = world.tables().await;
        tables.lock_leases().await;
        world.enqueue("work", JOBS, &WORKS).await;
        let mut patience = Patience::new("its claim waits for the lock");
        while !tables.is_claim_waiting().await {
            patience.pause().await;
        }
        zombie.stop();
        tables.unlock_leases().await;

        let other = world.worker(&arguments).await;
        world.until_settled().await;
        assert_eq!(world.counts().await.succeeded, JOBS as u64);
        assert_eq!(world.count(is_start_of(&zombie)), 0);
        let mut patience = Patience::new("it is declared dead");
        while tables.servers().await.iter().all(|server| server.gone.is_none()) {
            patience.pause().await;
        }
        go_on(&mut world, &zombie).await;
        world.checked().await;
        drop((zombie, other));
        world.remove().await;
    });
}

fn arguments() -> Vec<&'static str> {
    [&SOON[..], &["--workers", "5"]].concat()
}

/// Stops a process while it runs jobs; gives them. On SQLite not inside a write, since that would
/// hold the file, whoever else is to write: the one thing that a zombie can do there.
async fn stop(world: &mut World, zombie: &Process) -> HashSet<JobId> {
    let mut tables = world.tables().await;
    let mut patience = Patience::new("it is stopped outside a write");
    let mut pause = Duration::from_millis(50);
    loop {
        let running = world.stop_at_work(zombie).await;
        if tables.can_be_written().await {
            return running;
        }
        zombie.signal(Signal::SIGCONT);
        patience.pause().await;
        // Longer each time: it has to get on with what it was about to write.
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
}

/// Lets the zombie go on, and waits until it has announced itself again and taken new jobs.
async fn go_on(world: &mut World, zombie: &Process) {
    let before = stored(world);
    zombie.signal(Signal::SIGCONT);
    let mut patience = Patience::new("it announces itself again");
    let announced = async |world: &World| {
        let servers = world.tables().await.servers().await;
        servers.iter().filter(|server| server.pid == zombie.pid()).count()
    };
    while announced(world).await < 2 {
        patience.pause().await;
    }
    world.enqueue("work", JOBS, &WORKS).await;
    let new = |line: &Line| {
        line.pid == zombie.pid() && started(line).is_some_and(|job| !before.contains(&job))
    };
    world.until("it works on", 1, new).await;
    world.until_settled().await;
}

/// The jobs whose enqueues have returned.
fn stored(world: &mut World) -> HashSet<JobId> {
    let stored = world.lines().iter().filter_map(|line| match &line.event {
        Event::Stored { job, .. } => Some(*job),
        _ => None,
    });
    stored.collect()
}

/// The job whose start the line tells of.
fn started(line: &Line) -> Option<JobId> {
    match &line.event {
        Event::Started { job, .. } => Some(*job),
        _ => None,
    }
}

fn is_start_of(process: &Process) -> impl Fn(&Line) -> bool + use<> {
    let pid = process.pid();
    move |line| line.pid == pid && is_start(line)
}

/// How many runs came to their ends after their leases had been lost.
fn late(history: &History) -> usize {
    let is_late = |run: &&_| {
        let lost = history.lost(run);
        matches!(run.ended, Some((at, Ending::Done)) if lost.is_some_and(|lost| lost < at))
    };
    history.runs.iter().filter(is_late).count()
}
