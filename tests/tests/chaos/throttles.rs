//! Limits over several processes, also when one is killed that holds a part of them.

use std::time::Duration;

use jobs_runtime::JobId;
use jobs_tests::checker::{History, Run};

use super::on_each_database;
use super::process::Process;
use super::world::{SOON, World, is_end};

/// Jobs, processes and slots of the semaphore.
const JOBS: usize = 1_000;
const PROCESSES: usize = 4;
const SLOTS: usize = 3;
/// The longest time in which a free slot may be left although jobs wait: a wake-up of another
/// process may be lost with the one that was killed, and is made up for by the next poll.
const IDLE: Duration = Duration::from_millis(2_500);
/// Starts in a second, and those that are used at least while jobs wait: all of them, but that each
/// call comes late by some milliseconds.
const RATE: i64 = 100;
const USED: i64 = 95;
/// In which jobs wait all the time.
const SECONDS: i64 = 5;

on_each_database!(a_semaphore_holds_and_never_idles);
on_each_database!(a_rate_holds_in_every_second_and_is_used);

async fn a_semaphore_holds_and_never_idles(mut world: World) {
    let slots = SLOTS.to_string();
    let mut workers = Vec::new();
    for _ in 0..PROCESSES {
        workers.push(world.worker(&[&SOON[..], &["--workers", "5"]].concat()).await);
    }
    world.enqueue("work", JOBS, &["--works", "20", "--at-once", &slots]).await;
    world.until("a third of the jobs has ended", JOBS / 3, is_end).await;
    // Whoever frees a slot is the first to fill it: one of them may have all.
    let (number, _) = world.stop_one_at_work(&workers).await;
    let mut victim = workers.swap_remove(number);
    let ports = victim.ports();
    victim.kill();
    let held = held_at_last(&world, &victim, &ports).await;
    world.until_settled().await;

    let history = world.checked().await;
    assert_eq!(world.counts().await.succeeded, JOBS as u64);
    let most = most_at_once(&history);
    println!("at most {most} at once");
    assert_eq!(most, SLOTS);
    let idle = longest_idle(&history, &victim, &held);
    println!("a slot was free for {idle:?} at the longest while jobs waited");
    assert!(idle < IDLE, "a slot was free for {idle:?} while jobs waited");
    drop((workers, victim));
    world.remove().await;
}

async fn a_rate_holds_in_every_second_and_is_used(mut world: World) {
    const STARTS: usize = 700;
    let rate = RATE.to_string();
    let mut workers = Vec::new();
    world.client().pause_queue("default").await.expect("the storage answers");
    world.enqueue("work", STARTS, &["--a-second", &rate]).await;
    for _ in 0..PROCESSES {
        workers.push(world.worker(&["--workers", "5"]).await);
    }
    world.client().resume_queue("default").await.expect("the storage answers");
    world.until_settled().await;
    world.checked().await;

    let admissions = world.tables().await.admissions().await;
    let most = admissions.iter().map(|(begin, _)| in_span(&admissions, *begin, 1)).max();
    assert_eq!(most, Some(RATE), "starts in a second");
    let used = in_span(&admissions, admissions[0].0, SECONDS) / SECONDS;
    println!("{used} of {RATE} a second were used");
    assert!(used >= USED, "{used} of {RATE} a second were used");
    drop(workers);
    world.remove().await;
}

/// The slots that a killed process has left. Its last transaction may end after it, as its session
/// does; nobody takes them from it before it is declared dead.
async fn held_at_last(world: &World, victim: &Process, ports: &[u16]) -> Vec<JobId> {
    world.until_no_sessions_from(ports).await;
    world.tables().await.slots(victim.pid()).await
}

/// How many were let through in so many seconds that begin then.
fn in_span(admissions: &[(i64, i64)], begin: i64, seconds: i64) -> i64 {
    let span = begin..begin + seconds * 1_000_000;
    admissions.iter().filter(|(at, _)| span.contains(at)).map(|(_, count)| count).sum()
}

/// When each run began and ended: one that was killed ended with its process.
fn span(history: &History, run: &Run) -> (i64, i64) {
    let ended = run.ended.map_or_else(|| history.gone.get(&run.pid).copied(), |(at, _)| Some(at));
    (run.started, ended.expect("all is over"))
}

fn most_at_once(history: &History) -> usize {
    let spans: Vec<(i64, i64)> = history.runs.iter().map(|run| span(history, run)).collect();
    let at = |moment: i64| spans.iter().filter(|(from, to)| (*from..*to).contains(&moment)).count();
    spans.iter().map(|(from, _)| at(*from)).max().unwrap_or(0)
}

/// The longest time in which fewer ran than might have. The slots that the process held when it was
/// killed are held until it was declared dead, also those of jobs that it had claimed and not
/// started, or ended and not said so.
fn longest_idle(history: &History, victim: &Process, held: &[JobId]) -> Duration {
    let of_victim = |run: &&Run| run.pid == victim.pid();
    let moments = history.runs.iter().filter(of_victim).map(|run| span(history, run));
    let last_seen = moments.map(|(from, _)| from).max().expect("a run of the victim");
    let server = history.servers.iter().find(|server| server.pid == victim.pid());
    let lost = server.and_then(|server| server.gone).expect("it was declared dead");
    let mut spans: Vec<(i64, i64)> = Vec::new();
    for run in &history.runs {
        let (from, to) = span(history, run);
        let is_held = of_victim(&run) && held.contains(&run.job);
        spans.push((from, if is_held { lost.max(to) } else { to }));
    }
    let started = |job: &JobId| history.runs.iter().filter(of_victim).any(|run| run.job == *job);
    spans.extend(held.iter().filter(|job| !started(job)).map(|_| (last_seen, lost)));
    let last_start = spans.iter().map(|(from, _)| *from).max().unwrap_or(0);
    let busy =
        |moment: i64| spans.iter().filter(|(from, to)| (*from..*to).contains(&moment)).count();
    let mut longest = 0;
    for (_, end) in spans.iter().filter(|(_, end)| *end < last_start && busy(*end) < SLOTS) {
        // Until the next start that fills what this end has left.
        let next = spans.iter().map(|(from, _)| *from).filter(|from| from >= end);
        longest = longest.max(next.min().unwrap_or(*end) - end);
    }
    Duration::from_micros(u64::try_from(longest).unwrap_or(0))
}
