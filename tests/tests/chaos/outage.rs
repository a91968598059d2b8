//! The database is away for longer than a server may be silent. That stops progress, and nothing
//! else: no job fails, no schedule is turned off, no process ends.

use std::time::{Duration, Instant};

use jobs_tests::checker::{Event, Line};
use nix::sys::signal::Signal;

use super::cluster::Cluster;
use super::database::Database;
use super::process::Process;
use super::world::{Patience, SOON, World, is_end, is_start};

/// A server that lives may be heard of no sooner than this after the outage, since it pauses for up
/// to 3 s between two attempts, and then has to connect: a good deal less than it may be silent.
const SILENT: [&str; 4] = ["--heartbeat", "1000", "--dead-after", "8000"];
/// Longer than a server may be silent.
const AWAY: Duration = Duration::from_secs(12);
const SHORT: usize = 300;
const LONG: usize = 5;
/// One attempt each: a job that is charged one is Failed.
const ONCE: [&str; 3] = ["--retries", "0", "--works"];

#[test]
fn a_crash_of_the_database_stops_progress_and_nothing_else() {
    run(async |mut cluster, mut world| {
        // These run on while the database is away, and were seen to run before.
        world.enqueue("work", LONG, &[&ONCE[..], &["16000"]].concat()).await;
        world.enqueue("work", SHORT, &[&ONCE[..], &["100"]].concat()).await;
        let arguments = [&SILENT[..], &["--tick"]].concat();
        let mut workers = [world.worker(&arguments).await, world.worker(&arguments).await];

        world.until("jobs have ended", SHORT / 3, is_end).await;
        cluster.crash();
        tokio::time::sleep(AWAY).await;
        assert_alive(&mut workers);
        cluster.go_on().await;
        let back = Instant::now();
        let ticks = world.count(is_tick);

        world.until("the schedule goes on", ticks + 3, is_tick).await;
        assert!(world.client().recurring().pause("tick").await.expect("the storage answers"));
        world.until_settled().await;
        println!("all jobs done {:.1} s after the database was back", back.elapsed().as_secs_f64());
        assert_alive(&mut workers);
        let history = world.checked().await;
        let counts = world.counts().await;
        assert_eq!((counts.failed, counts.deleted), (0, 0), "{counts:?}");
        let charged: usize = history.states.keys().map(|job| history.charged(*job)).sum();
        assert_eq!(charged, 0, "attempts were charged for what the database did");
        drop(workers);
    });
}

#[test]
fn a_worker_ends_on_a_signal_while_the_database_is_away() {
    run(async |mut cluster, mut world| {
        const GRACE: Duration = Duration::from_secs(2);
        /// For the last claim, the jobs that are told to stop, and the last writes: 12 s at most.
        const MORE: Duration = Duration::from_secs(30);
        let grace = GRACE.as_millis().to_string();
        world.enqueue("work", SHORT, &["--works", "200"]).await;
        let arguments = [&SOON[..], &["--grace", &grace]].concat();
        let mut worker = world.worker(&arguments).await;
        world.until("jobs are running", SHORT / 3, is_start).await;

        cluster.crash();
        worker.signal(Signal::SIGTERM);
        let asked = Instant::now();
        let mut patience = Patience::within("the worker ends", GRACE + MORE);
        while worker.ended().is_none() {
            patience.pause().await;
        }
        println!("the worker ended after {:.1} s", asked.elapsed().as_secs_f64());

        cluster.go_on().await;
        let next = world.worker(&SOON).await;
        world.until_settled().await;
        let history = world.checked().await;
        // It could not say goodbye, so that what it ran may have been charged an attempt.
        assert_eq!(history.stored.len(), SHORT);
        assert_eq!(world.counts().await.succeeded, SHORT as u64);
        drop(next);
    });
}

fn run(test: impl AsyncFnOnce(Cluster, World)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a tokio runtime").block_on(async {
        let cluster = Cluster::start().await;
        let world = World::new(Database::of_server(cluster.url())).await;
        test(cluster, world).await;
    });
}

fn assert_alive(workers: &mut [Process]) {
    for worker in workers {
        assert!(worker.ended().is_none(), "a worker ended:\n{}", worker.log());
    }
}

fn is_tick(line: &Line) -> bool {
    matches!(&line.event, Event::Started { kind, .. } if kind == "tick")
}
