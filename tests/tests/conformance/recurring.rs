//! Recurring schedules, added and steered at run time.

use std::time::Duration;

use chrono::{DateTime, Utc};
use jobs_runtime::{
    JobRecord, JobState, Misfire, Overlap, RecurringJob, RecurringRecord, RuntimeBuilder,
};
use jobs_tests::Bench;

use super::jobs::{Action, Perform, double, perform};
use super::times::{DAY, HOUR, SECOND, half_past_noon};

fn daily(action: Action) -> RecurringJob<Perform> {
    RecurringJob::new("daily", "@every 24h", perform::job(action))
}

pub(super) async fn schedule(id: &str) -> Option<RecurringRecord> {
    RecurringJob::list().await.unwrap().into_iter().find(|schedule| schedule.id == id)
}

/// All jobs that are stored.
async fn stored(bench: &Bench) -> Vec<JobRecord> {
    bench.client().recent(5_000).await.unwrap()
}

/// A server that is told to run nothing, so that what is enqueued can be counted.
fn idle(bench: &Bench) -> RuntimeBuilder {
    bench.runtime().queues(["elsewhere"])
}

async fn next_of(id: &str) -> Option<DateTime<Utc>> {
    schedule(id).await.unwrap().next_at
}

/// Waits until the schedule has dealt with this occurrence.
async fn until_fired(bench: &Bench, id: &str, occurrence: Option<DateTime<Utc>>) {
    bench.until(async || next_of(id).await != occurrence).await;
}

/// Moves the clock beyond the schedule's next occurrence, and waits until it has dealt with all
/// that are due then.
async fn fire_by(bench: &Bench, id: &str, by: Duration) {
    let occurrence = next_of(id).await;
    bench.advance(by).await;
    until_fired(bench, id, occurrence).await;
}

pub(crate) async fn a_schedule_enqueues_a_job_at_each_occurrence(bench: Bench) {
    let _runtime = bench.start().await;
    daily(Action::say("tick")).add_or_update().await.unwrap();
    for _ in 0..3 {
        bench.advance(DAY).await;
        bench.hear("tick").await;
    }
}

pub(crate) async fn a_schedule_can_name_queue_priority_and_policy(bench: Bench) {
    let request = perform::job(Action::ok()).queue("last").priority(4).retries(1);
    RecurringJob::new("daily", "@every 24h", request).add_or_update().await.unwrap();
    let job = RecurringJob::trigger("daily").await.unwrap().unwrap();
    let record = bench.record(job.id()).await;
    assert_eq!((record.queue.as_str(), record.priority), ("last", 4));
    assert!(record.options.unwrap().contains("retries"));
}

pub(crate) async fn a_schedule_is_listed_with_its_next_occurrence(bench: Bench) {
    let nine = RecurringJob::new("nine", "0 9 * * *", perform::job(Action::ok()));
    let asked = Utc::now();
    let nine = nine.tz("Europe/Istanbul").misfire(Misfire::Skip).overlap(Overlap::Queue);
    nine.jitter(SECOND).paused().add_or_update().await.unwrap();
    let listed = schedule("nine").await.unwrap();
    assert_eq!((listed.kind.as_str(), listed.queue.as_str()), ("perform", "default"));
    assert_eq!((listed.cron.as_str(), listed.tz.as_str()), ("0 9 * * *", "Europe/Istanbul"));
    assert_eq!((listed.misfire, listed.overlap), (Misfire::Skip, Overlap::Queue));
    assert_eq!((listed.jitter, listed.paused), (SECOND, true));
    assert_eq!(listed.args, r#"{"action":{"Say":"done"}}"#);
    let next = listed.next_at.unwrap();
    assert_eq!(next.format("%H:%M:%S").to_string(), "06:00:00");
    assert!((next - asked).to_std().unwrap() <= DAY);
    assert!(listed.last_at.is_none() && listed.last_job.is_none() && listed.error.is_none());
    drop(bench);
}

pub(crate) async fn an_update_takes_the_place_of_what_was_there(bench: Bench) {
    half_past_noon(&bench).await;
    daily(Action::say("old")).add_or_update().await.unwrap();
    let runtime = bench.start().await;
    let hourly = RecurringJob::new("daily", "@every 1h", perform::job(Action::say("new")));
    hourly.add_or_update().await.unwrap();
    assert_eq!(schedule("daily").await.unwrap().cron, "@every 1h");
    bench.advance(HOUR).await;
    bench.hear("new").await;
    runtime.drain().await.unwrap();
    assert!(stored(&bench).await.iter().all(|job| job.args.contains("new")));
}

pub(crate) async fn a_removed_schedule_fires_no_more(bench: Bench) {
    half_past_noon(&bench).await;
    let _runtime = bench.start().await;
    daily(Action::say("gone")).add_or_update().await.unwrap();
    assert!(RecurringJob::remove("daily").await.unwrap());
    assert!(!RecurringJob::remove("daily").await.unwrap());
    assert!(schedule("daily").await.is_none());
    RecurringJob::new("other", "@every 24h", perform::job(Action::say("other")))
        .add_or_update()
        .await
        .unwrap();
    bench.advance(DAY).await;
    assert_eq!(bench.heard().await.text, "other");
    bench.advance(DAY).await;
    assert_eq!(bench.heard().await.text, "other");
}

pub(crate) async fn a_trigger_runs_it_now_even_if_it_is_paused(bench: Bench) {
    let _runtime = bench.start().await;
    daily(Action::say("now")).paused().add_or_update().await.unwrap();
    let before = schedule("daily").await.unwrap();
    let job = RecurringJob::trigger("daily").await.unwrap().unwrap();
    bench.hear("now").await;
    let after = schedule("daily").await.unwrap();
    assert_eq!(after.last_job, Some(job.id()));
    assert_eq!(after.next_at, before.next_at);
    assert!(RecurringJob::trigger("unknown").await.unwrap().is_none());
}

pub(crate) async fn a_paused_schedule_makes_nothing_up_when_it_is_resumed(bench: Bench) {
    half_past_noon(&bench).await;
    let _runtime = idle(&bench).start().await.unwrap();
    daily(Action::ok()).misfire(Misfire::All).add_or_update().await.unwrap();
    assert!(RecurringJob::pause("daily").await.unwrap());
    bench.advance(3 * DAY).await;
    assert!(RecurringJob::resume("daily").await.unwrap());
    fire_by(&bench, "daily", DAY).await;
    assert_eq!(stored(&bench).await.len(), 1);
    assert!(!RecurringJob::pause("unknown").await.unwrap());
    assert!(!RecurringJob::resume("unknown").await.unwrap());
}

pub(crate) async fn an_expression_that_never_fires_is_accepted(bench: Bench) {
    let never = RecurringJob::new("never", "0 0 30 2 *", perform::job(Action::ok()));
    never.add_or_update().await.unwrap();
    assert_eq!(schedule("never").await.unwrap().next_at, None);
    let _runtime = bench.start().await;
    assert_eq!(double::enqueue(1).await.unwrap().wait().await.unwrap(), 2);
    let job = RecurringJob::trigger("never").await.unwrap().unwrap();
    bench.until_state(&job, JobState::Succeeded).await;
}

/// Moves the clock by five days while no server is up; gives how many runs are
/// made up for.
async fn made_up(bench: &Bench, misfire: Misfire) -> usize {
    half_past_noon(bench).await;
    let every = RecurringJob::new("missed", "@every 24h", perform::job(Action::ok()));
    every.misfire(misfire).add_or_update().await.unwrap();
    let first = next_of("missed").await;
    bench.advance(5 * DAY).await;
    // Beats by the clock that was moved, so that it is live from its start only.
    let runtime = idle(bench).start().await.unwrap();
    until_fired(bench, "missed", first).await;
    runtime.shutdown().await.unwrap();
    stored(bench).await.len()
}

pub(crate) async fn missed_runs_are_made_up_for_by_one(bench: Bench) {
    assert_eq!(made_up(&bench, Misfire::Once).await, 1);
    let schedule = schedule("missed").await.unwrap();
    assert_eq!(schedule.last_job, stored(&bench).await.first().map(|job| job.id));
    assert!(schedule.last_at.is_some());
}

pub(crate) async fn missed_runs_can_all_be_made_up_for(bench: Bench) {
    assert_eq!(made_up(&bench, Misfire::All).await, 5);
}

pub(crate) async fn missed_runs_can_be_left_out(bench: Bench) {
    assert_eq!(made_up(&bench, Misfire::Skip).await, 0);
}

pub(crate) async fn no_more_than_a_thousand_runs_are_made_up_for(bench: Bench) {
    let every = RecurringJob::new("missed", "@every 24h", perform::job(Action::ok()));
    every.misfire(Misfire::All).add_or_update().await.unwrap();
    let first = next_of("missed").await;
    bench.advance(1_500 * DAY).await;
    let runtime = idle(&bench).start().await.unwrap();
    until_fired(&bench, "missed", first).await;
    runtime.shutdown().await.unwrap();
    assert_eq!(stored(&bench).await.len(), 1_000);
}

pub(crate) async fn a_run_that_is_only_late_is_not_missed(bench: Bench) {
    half_past_noon(&bench).await;
    let every = RecurringJob::new("late", "@every 24h", perform::job(Action::ok()));
    every.misfire(Misfire::Skip).add_or_update().await.unwrap();
    let _runtime = idle(&bench).start().await.unwrap();
    fire_by(&bench, "late", 5 * DAY).await;
    assert_eq!(stored(&bench).await.len(), 5);
}

/// Two occurrences while the job of the first one waits; gives the states, oldest first.
async fn overlapping(bench: &Bench, overlap: Overlap) -> Vec<JobState> {
    half_past_noon(bench).await;
    let every = RecurringJob::new("slow", "@every 24h", perform::job(Action::ok()));
    every.overlap(overlap).add_or_update().await.unwrap();
    let runtime = idle(bench).start().await.unwrap();
    for _ in 0..3 {
        fire_by(bench, "slow", DAY).await;
    }
    runtime.shutdown().await.unwrap();
    let mut jobs = stored(bench).await;
    jobs.reverse();
    jobs.iter().map(|job| job.placement.state).collect()
}

pub(crate) async fn overlapping_runs_are_allowed(bench: Bench) {
    let states = overlapping(&bench, Overlap::Allow).await;
    assert_eq!(states, [JobState::Enqueued, JobState::Enqueued, JobState::Enqueued]);
}

pub(crate) async fn overlapping_runs_can_be_left_out(bench: Bench) {
    assert_eq!(overlapping(&bench, Overlap::Skip).await, [JobState::Enqueued]);
    let _runtime = bench.start().await;
    bench.until(async || bench.client().counts().await.unwrap().succeeded == 1).await;
    bench.advance(DAY).await;
    bench.until(async || bench.client().counts().await.unwrap().succeeded == 2).await;
}

pub(crate) async fn one_overlapping_run_can_wait(bench: Bench) {
    let states = overlapping(&bench, Overlap::Queue).await;
    assert_eq!(states, [JobState::Enqueued, JobState::Awaiting]);
    let _runtime = bench.start().await;
    bench.until(async || bench.client().counts().await.unwrap().succeeded == 2).await;
}

pub(crate) async fn jitter_delays_a_start_by_no_more_than_it_says(bench: Bench) {
    half_past_noon(&bench).await;
    let spread = RecurringJob::new("spread", "@every 1h", perform::job(Action::ok()));
    spread.jitter(DAY).add_or_update().await.unwrap();
    let _runtime = idle(&bench).start().await.unwrap();
    fire_by(&bench, "spread", HOUR).await;
    let jobs = stored(&bench).await;
    let [job] = jobs.as_slice() else { panic!("one job: {jobs:?}") };
    let delay = (job.due_at.unwrap() - job.created_at).to_std().unwrap();
    assert!(delay <= DAY, "{delay:?}");
    assert_eq!(job.placement.state, JobState::Scheduled);
}

pub(crate) async fn two_servers_enqueue_each_occurrence_once(bench: Bench) {
    let other = bench.another_storage().await;
    half_past_noon(&bench).await;
    for n in 0..5 {
        let id = format!("every-{n}");
        RecurringJob::new(id, "@every 24h", double::job(n)).add_or_update().await.unwrap();
    }
    let _first = idle(&bench).start().await.unwrap();
    let _second = bench.runtime_on(other).queues(["elsewhere"]).start().await.unwrap();
    for turn in 1..=4 {
        let before = next_of("every-4").await;
        bench.advance(DAY).await;
        bench.until(async || stored(&bench).await.len() >= 5 * turn).await;
        assert_ne!(next_of("every-4").await, before);
    }
    assert_eq!(stored(&bench).await.len(), 20);
}

pub(crate) async fn an_occurrence_is_enqueued_once_even_if_its_schedule_is_set_back(bench: Bench) {
    half_past_noon(&bench).await;
    let _runtime = idle(&bench).start().await.unwrap();
    daily(Action::ok()).add_or_update().await.unwrap();
    fire_by(&bench, "daily", DAY).await;
    let fired = schedule("daily").await.unwrap();
    assert!(fired.last_at.is_some() && fired.next_at > fired.last_at);
    bench.own().await.execute("UPDATE {p}recurring SET next_at = last_at WHERE id = 'daily'").await;
    bench.client().wake();
    until_fired(&bench, "daily", fired.last_at).await;
    assert_eq!(stored(&bench).await.len(), 1);
}

pub(crate) async fn the_latest_runs_of_each_schedule_are_told(bench: Bench) {
    half_past_noon(&bench).await;
    let _runtime = idle(&bench).start().await.unwrap();
    for (id, overlap) in [("Daily", Overlap::Allow), ("daily", Overlap::Skip)] {
        let daily = RecurringJob::new(id, "@every 24h", perform::job(Action::ok()));
        daily.overlap(overlap).add_or_update().await.unwrap();
    }
    for _ in 0..3 {
        let occurrence = [next_of("Daily").await, next_of("daily").await];
        bench.advance(DAY).await;
        until_fired(&bench, "Daily", occurrence[0]).await;
        until_fired(&bench, "daily", occurrence[1]).await;
    }
    let triggered = RecurringJob::trigger("Daily").await.unwrap().unwrap();
    let recurring = bench.client().recurring();
    let ids = ["Daily", "daily", "none"].map(str::to_owned);
    let runs = recurring.runs(&ids, 3).await.unwrap();
    let of = |id: &str| runs.iter().filter(|run| run.schedule == id).collect::<Vec<_>>();
    assert_eq!((of("Daily").len(), of("daily").len(), runs.len()), (3, 3, 6));
    assert_eq!(of("Daily")[0].job, Some(triggered.id()));
    assert!(of("Daily").iter().all(|run| run.job.is_some()), "{runs:?}");
    // The first of its jobs is not over.
    let left_out: Vec<bool> = of("daily").iter().map(|run| run.job.is_none()).collect();
    assert_eq!(left_out, [true, true, false]);
    assert!(
        of("daily").windows(2).all(|pair| pair[0].at - pair[1].at == chrono::TimeDelta::days(1))
    );
    let jobs: Vec<_> = runs.iter().filter_map(|run| run.job).collect();
    let states = bench.client().states(&jobs).await.unwrap();
    assert_eq!(states.len(), 4);
    assert!(states.values().all(|state| *state == JobState::Enqueued), "{states:?}");
    let all = recurring.runs(&ids, 20).await.unwrap();
    assert_eq!(all.len(), 7);
}
