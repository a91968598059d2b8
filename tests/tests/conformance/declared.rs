//! Recurring schedules that the program declares.

use jobs_runtime::prelude::*;
use jobs_runtime::{JobState, RecurringJob};
use jobs_tests::Bench;

use super::jobs::{Declared, declared};
use super::recurring::schedule;
use super::times::HOUR;

pub(crate) async fn what_is_declared_is_stored_at_the_start(bench: Bench) {
    assert!(schedule("declared").await.is_none());
    let _runtime = bench.start().await;
    let rarely = schedule("declared").await.unwrap();
    assert_eq!((rarely.kind.as_str(), rarely.cron.as_str()), ("declared", "@every 36500d"));
    assert_eq!(rarely.args, r#"{"text":"rarely"}"#);
    assert!(!rarely.paused && rarely.next_at.is_some());
    let often = schedule("declared.paused").await.unwrap();
    assert_eq!((often.cron.as_str(), often.paused), ("@every 1s", true));
}

pub(crate) async fn one_that_is_declared_paused_starts_nothing_until_it_is_resumed(bench: Bench) {
    let runtime = bench.start().await;
    bench.advance(HOUR).await;
    runtime.drain().await.unwrap();
    assert!(bench.client().recent(1).await.unwrap().is_empty());
    assert!(RecurringJob::resume("declared.paused").await.unwrap());
    bench.until(async || !bench.client().recent(1).await.unwrap().is_empty()).await;
    assert_eq!(bench.client().recent(1).await.unwrap()[0].args, r#"{"text":"often"}"#);
}

pub(crate) async fn a_declared_schedule_can_be_triggered(bench: Bench) {
    let _runtime = bench.start().await;
    let job = RecurringJob::trigger("declared").await.unwrap().unwrap();
    bench.until_state(&job, JobState::Succeeded).await;
    let text = bench.client().handle::<String>(job.id()).wait().await.unwrap();
    assert_eq!(text, "rarely");
}

pub(crate) async fn an_edit_survives_a_restart(bench: Bench) {
    bench.start().await.shutdown().await.unwrap();
    let edited = RecurringJob::new("declared", "0 5 * * *", declared::job("daily"));
    edited.add_or_update().await.unwrap();
    RecurringJob::pause("declared").await.unwrap();
    let _runtime = bench.start().await;
    let stored = schedule("declared").await.unwrap();
    assert_eq!((stored.cron.as_str(), stored.paused), ("0 5 * * *", true));
    assert_eq!(stored.args, r#"{"text":"daily"}"#);
}

pub(crate) async fn one_that_was_removed_comes_back_at_the_next_start(bench: Bench) {
    bench.start().await.shutdown().await.unwrap();
    assert!(RecurringJob::remove("declared").await.unwrap());
    let _runtime = bench.start().await;
    assert_eq!(schedule("declared").await.unwrap().cron, "@every 36500d");
}

/// Its queue is made of its argument, and no kind names it.
#[recurring(every = "36500d", args(number = 7))]
#[job(queue = "shelf-{number}")]
async fn tidy_up(number: u32) -> u32 {
    number
}

pub(crate) async fn a_queue_is_made_of_the_arguments_of_the_schedule(bench: Bench) {
    let builder = Runtime::builder(bench.storage().clone());
    let _runtime = builder.state(bench.probe().clone()).state(bench.place().clone()).start().await;
    assert_eq!(schedule("tidy_up").await.unwrap().queue, "shelf-7");
    let job = RecurringJob::trigger("tidy_up").await.unwrap().unwrap();
    let job = bench.client().handle::<u32>(job.id());
    assert_eq!(
        job.wait().await.unwrap(),
        7,
        "a server takes jobs from the queues of its schedules"
    );
}

pub(crate) async fn a_kind_that_is_left_out_declares_nothing(bench: Bench) {
    let _runtime = bench.runtime().without::<Declared>().start().await.unwrap();
    assert!(schedule("declared").await.is_none());
}
