//! Histories that are as they should be, and broken ones, each with what is wrong with it.

use jobs_runtime::{JobId, JobState};

use super::*;

const MINE: u32 = 1;
const OTHER: u32 = 2;

/// One job that process `MINE` ran under lease 10, from 100 to 200.
fn sound(job: JobId) -> History {
    let mut history = History {
        servers: vec![server(1, MINE, 0, None), server(2, OTHER, 0, None)],
        ..History::default()
    };
    add(&mut history, job, None, 10, (100, 200));
    history
}

fn add(history: &mut History, job: JobId, parent: Option<JobId>, lease: i64, span: (i64, i64)) {
    history.stored.push(Stored { job, parent });
    history.runs.push(run(job, MINE, lease, span.0, Some((span.1, Ending::Done))));
    history.states.insert(job, JobState::Succeeded);
    history.attempts.push(Attempt { job, run: 0, success: Some(lease) });
}

fn run(job: JobId, pid: u32, lease: i64, started: i64, ended: Option<(i64, Ending)>) -> Run {
    Run { job, pid, lease, started, ended }
}

fn server(id: i64, pid: u32, started: i64, gone: Option<i64>) -> Server {
    Server { id, pid, started, gone }
}

fn job() -> JobId {
    JobId::new()
}

#[test]
fn a_job_that_ran_once_is_as_it_should_be() {
    assert_eq!(check(&sound(job())), []);
}

#[test]
fn a_run_ends_with_its_process() {
    let job = job();
    let mut history = sound(job);
    history.runs.insert(0, run(job, OTHER, 9, 50, None));
    history.gone.insert(OTHER, 90);
    assert_eq!(check(&history), []);
}

#[test]
fn a_run_ends_when_its_server_is_declared_dead() {
    let job = job();
    let mut history = sound(job);
    // It went on in its process until 300, and was not accepted.
    history.runs.insert(0, run(job, OTHER, 9, 50, Some((300, Ending::Done))));
    history.servers[1].gone = Some(90);
    assert_eq!(check(&history), []);
}

#[test]
fn what_a_zombie_starts_under_a_lost_lease_counts_for_nothing() {
    let job = job();
    let mut history = sound(job);
    history.servers[1].gone = Some(90);
    history.runs.push(run(job, OTHER, 9, 300, Some((310, Ending::Done))));
    assert_eq!(check(&history), []);
}

#[test]
fn a_lost_job() {
    let job = job();
    let mut history = sound(job);
    history.states.clear();
    history.attempts.clear();
    assert_eq!(check(&history), [Violation::Lost { job }]);
}

#[test]
fn a_job_that_never_comes_to_an_end() {
    let job = job();
    let mut history = sound(job);
    let state = JobState::Processing;
    history.states.insert(job, state);
    history.attempts.clear();
    assert_eq!(check(&history), [Violation::Unsettled { job, state }]);
}

#[test]
fn two_runs_at_a_time() {
    let job = job();
    let mut history = sound(job);
    history.runs.insert(0, run(job, OTHER, 9, 50, Some((101, Ending::CutShort))));
    assert_eq!(check(&history), [Violation::Overlap { job, leases: (9, 10) }]);
}

#[test]
fn a_short_run_inside_a_longer_one_does_not_hide_a_third() {
    let job = job();
    let mut history = sound(job);
    history.runs.insert(0, run(job, OTHER, 8, 10, Some((150, Ending::CutShort))));
    history.runs.insert(1, run(job, OTHER, 9, 20, Some((30, Ending::CutShort))));
    let leases = [(8, 9), (8, 10)];
    assert_eq!(check(&history), leases.map(|leases| Violation::Overlap { job, leases }));
}

#[test]
fn two_runs_at_a_time_before_the_first_server_was_declared_dead() {
    let job = job();
    let mut history = sound(job);
    history.runs.insert(0, run(job, OTHER, 9, 50, None));
    history.servers[1].gone = Some(110);
    assert_eq!(check(&history), [Violation::Overlap { job, leases: (9, 10) }]);
}

#[test]
fn an_effect_after_a_lost_lease() {
    let job = job();
    let mut history = sound(job);
    history.servers[0].gone = Some(150);
    assert_eq!(check(&history), [Violation::AfterLoss { job, lease: 10 }]);
}

#[test]
fn an_effect_of_a_run_that_never_was() {
    let job = job();
    let mut history = sound(job);
    history.attempts[0].success = Some(11);
    assert_eq!(check(&history), [Violation::Unearned { job, lease: 11 }]);
}

#[test]
fn an_effect_of_a_run_that_was_cut_short() {
    let job = job();
    let mut history = sound(job);
    history.runs[0].ended = Some((200, Ending::CutShort));
    assert_eq!(check(&history), [Violation::Unearned { job, lease: 10 }]);
}

#[test]
fn two_effects_of_one_job() {
    let job = job();
    let mut history = sound(job);
    history.runs.push(run(job, OTHER, 9, 50, Some((60, Ending::Done))));
    history.attempts.push(Attempt { job, run: 1, success: Some(9) });
    let found = check(&history);
    let state = Some(JobState::Succeeded);
    assert!(found.contains(&Violation::Successes { job, state, count: 2 }), "{found:?}");
}

#[test]
fn a_success_without_an_effect() {
    let job = job();
    let mut history = sound(job);
    history.attempts.clear();
    let state = Some(JobState::Succeeded);
    assert_eq!(check(&history), [Violation::Successes { job, state, count: 0 }]);
}

#[test]
fn a_continuation_fired_twice() {
    let (parent, child) = (job(), job());
    let mut history = sound(parent);
    add(&mut history, child, Some(parent), 11, (210, 220));
    assert_eq!(check(&history), []);
    history.runs.push(run(child, OTHER, 12, 230, Some((240, Ending::Done))));
    assert_eq!(check(&history), [Violation::StartedAgain { job: child, lease: 12 }]);
}

#[test]
fn a_continuation_before_its_parent() {
    let (parent, child) = (job(), job());
    let mut history = sound(parent);
    add(&mut history, child, Some(parent), 11, (190, 220));
    assert_eq!(check(&history), [Violation::BeforeParent { job: child, parent }]);
}

#[test]
fn occurrences_one_a_second() {
    let (fires, jobs) = fired(&[1, 2, 3]);
    assert_eq!(check_seconds(&fires, &jobs), []);
}

#[test]
fn an_occurrence_missing() {
    let (fires, jobs) = fired(&[1, 3]);
    assert_eq!(check_seconds(&fires, &jobs), [Violation::Missing { at: 2_000_000 }]);
}

#[test]
fn an_occurrence_missing_at_an_end() {
    let (fires, jobs) = fired(&[2]);
    let missing = [1_000_000, 3_000_000].map(|at| Violation::Missing { at });
    assert_eq!(check_seconds(&fires, &jobs), missing);
}

#[test]
fn an_occurrence_twice() {
    let (mut fires, mut jobs) = fired(&[1, 2, 3]);
    let double = job();
    jobs.push(double);
    assert_eq!(check_seconds(&fires, &jobs), [Violation::Double { job: double }]);
    fires.push(Fire { at: 3_000_000, job: Some(double) });
    assert!(check_seconds(&fires, &jobs).contains(&Violation::Surplus { at: 3_000_000 }));
}

#[test]
fn an_occurrence_between_two_seconds() {
    let (mut fires, mut jobs) = fired(&[1, 2, 3]);
    let surplus = job();
    jobs.push(surplus);
    fires.push(Fire { at: 2_500_000, job: Some(surplus) });
    assert_eq!(check_seconds(&fires, &jobs), [Violation::Surplus { at: 2_500_000 }]);
}

#[test]
fn an_occurrence_whose_job_is_lost() {
    let (fires, mut jobs) = fired(&[1, 2, 3]);
    jobs.pop();
    assert_eq!(check_seconds(&fires, &jobs), [Violation::WithoutJob { at: 3_000_000 }]);
}

fn fired(seconds: &[i64]) -> (Vec<Fire>, Vec<JobId>) {
    let fire = |second: &i64| Fire { at: second * 1_000_000, job: Some(job()) };
    let fires: Vec<Fire> = seconds.iter().map(fire).collect();
    let jobs = fires.iter().filter_map(|fire| fire.job).collect();
    (fires, jobs)
}

fn check_seconds(fires: &[Fire], jobs: &[JobId]) -> Vec<Violation> {
    check_occurrences(fires, jobs, 1_000_000, (1_000_000, 3_000_000))
}
