//! The list of each state.

use jobs_runtime::prelude::{Backoff, Throttle};
use jobs_runtime::{Batch, JobFilter, JobId, JobState};
use jobs_tests::Bench;

use super::{found, in_state, three_in_each_state};
use crate::conformance::jobs::{Action, perform};
use crate::conformance::times::{DAY, HOUR, SECOND};

pub(crate) async fn each_state_is_listed_in_an_order_of_its_own(bench: Bench) {
    for (state, expected) in three_in_each_state(&bench).await {
        assert_eq!(in_state(&bench, state).await, expected, "{state}");
    }
    let nothing = in_state(&bench, JobState::Processing).await;
    assert!(nothing.is_empty(), "{nothing:?}");
}

pub(crate) async fn without_a_state_jobs_are_listed_state_by_state(bench: Bench) {
    let states = three_in_each_state(&bench).await;
    let expected: Vec<JobId> = states.iter().flat_map(|(_, jobs)| jobs).copied().collect();
    assert_eq!(found(&bench, &JobFilter::new()).await, expected);
    let two = JobFilter::new().state(JobState::Succeeded).state(JobState::Awaiting);
    let expected = [&states[2].1[..], &states[5].1[..]].concat();
    assert_eq!(found(&bench, &two).await, expected);
}

pub(crate) async fn jobs_in_hand_are_listed_until_they_end(bench: Bench) {
    let _runtime = bench.start().await;
    let mut jobs = Vec::new();
    for gate in ["one", "two"] {
        jobs.push(perform::enqueue(Action::gate(gate)).await.unwrap());
        bench.hear("started").await;
    }
    for size in [1, 2, 3] {
        let filter = JobFilter::new().state(JobState::Processing).limit(size);
        assert_eq!(found(&bench, &filter).await, [jobs[1].id(), jobs[0].id()]);
    }
    bench.probe().open("two");
    jobs[1].wait().await.unwrap();
    assert_eq!(in_state(&bench, JobState::Processing).await, [jobs[0].id()]);
    bench.probe().open("one");
    jobs[0].wait().await.unwrap();
    assert!(in_state(&bench, JobState::Processing).await.is_empty());
}

pub(crate) async fn what_waits_for_another_attempt_is_listed_by_itself(bench: Bench) {
    let runtime = bench.start().await;
    let client = bench.client();
    perform::job(Action::ok()).delay(HOUR).enqueue().await.unwrap();
    let mut retries = Vec::new();
    for delay in 1..=3 {
        let job = perform::job(Action::fail()).backoff(Backoff::Fixed(delay * HOUR)).tag("again");
        let job = job.enqueue().await.unwrap();
        bench.until_state(&job, JobState::Scheduled).await;
        retries.push(job.id());
    }
    runtime.shutdown().await.unwrap();
    let counts = client.counts().await.unwrap();
    assert_eq!((counts.scheduled, counts.retries), (4, 3));
    let retrying = JobFilter::new().retrying();
    assert_eq!(found(&bench, &retrying).await, retries);
    assert_eq!(found(&bench, &retrying.clone().limit(1)).await, retries);
    assert_eq!(found(&bench, &retrying.clone().tag("again")).await, retries);
    assert!(found(&bench, &retrying.clone().state(JobState::Failed)).await.is_empty());
    let runs = client.last_runs(&retries).await.unwrap();
    assert!(runs.iter().all(|run| run.run == 0), "{runs:?}");
    let failures = client.last_failures(&retries).await.unwrap();
    assert_eq!(failures.len(), 3);
    assert_eq!(failures[&retries[0]].message, "order 7 was not saved");
    // One that somebody has put off waits for no attempt, but for its time.
    client
        .reschedule(retries[0], bench.record(retries[0]).await.due_at.unwrap(), None)
        .await
        .unwrap();
    assert_eq!(found(&bench, &retrying).await, retries[1..]);
    assert_eq!(client.requeue_all(&retrying).await.unwrap().done, 2);
    let counts = client.counts().await.unwrap();
    assert_eq!((counts.scheduled, counts.retries, counts.enqueued), (2, 0, 2));
}

/// Some are kept for the default time, some for one of their own: listed in one order.
pub(crate) async fn successes_are_listed_by_their_end_however_long_they_are_kept(bench: Bench) {
    let runtime = bench.runtime().sweep_every(SECOND / 50).start().await.unwrap();
    let mut jobs = Vec::new();
    for n in 0..6 {
        let job = perform::job(Action::ok());
        let job = if n % 3 == 1 { job.keep(9 * DAY) } else { job };
        let job = job.enqueue().await.unwrap();
        job.wait().await.unwrap();
        jobs.insert(0, job.id());
    }
    for size in [1, 2, 5, 50] {
        let filter = JobFilter::new().state(JobState::Succeeded).limit(size);
        assert_eq!(found(&bench, &filter).await, jobs, "{size}");
    }
    assert_eq!(bench.client().counts().await.unwrap().succeeded, 6);
    bench.advance(DAY + SECOND).await;
    bench.until(async || bench.find(jobs[0]).await.is_none()).await;
    bench.until(async || in_state(&bench, JobState::Succeeded).await.len() == 2).await;
    assert_eq!(in_state(&bench, JobState::Succeeded).await, [jobs[1], jobs[4]]);
    assert_eq!(bench.client().counts().await.unwrap().succeeded, 2);
    drop(runtime);
}

pub(crate) async fn a_success_that_was_requeued_is_listed_and_counted_once(bench: Bench) {
    let runtime = bench.start().await;
    let mut jobs = Vec::new();
    for keep in [DAY, 9 * DAY] {
        let request = || perform::job(Action::ok());
        for request in [request(), request().keep(keep)] {
            let job = request.enqueue().await.unwrap();
            job.wait().await.unwrap();
            jobs.push(job);
        }
    }
    for job in &jobs[..2] {
        job.requeue().await.unwrap();
        bench.until(async || bench.probe().runs(job.id()) == 2).await;
        job.wait().await.unwrap();
    }
    bench.client().delete(jobs[2].id(), None).await.unwrap();
    runtime.drain().await.unwrap();
    let expected = [jobs[1].id(), jobs[0].id(), jobs[3].id()];
    assert_eq!(in_state(&bench, JobState::Succeeded).await, expected);
    let counts = bench.client().counts().await.unwrap();
    assert_eq!((counts.succeeded, counts.deleted), (3, 1));
}

pub(crate) async fn jobs_over_their_limit_are_listed_with_their_line(bench: Bench) {
    let _runtime = bench.start().await;
    let limited = || perform::job(Action::gate("go")).throttle(Throttle::concurrency("one", 1));
    let first = limited().enqueue().await.unwrap();
    bench.hear("started").await;
    let second = limited().enqueue().await.unwrap();
    // Until the claim has met it, it is in the line itself.
    for _ in 0..20 {
        assert_eq!(in_state(&bench, JobState::Enqueued).await, [second.id()]);
        tokio::task::yield_now().await;
    }
    bench.probe().open("go");
    first.wait().await.unwrap();
    second.wait().await.unwrap();
    assert!(in_state(&bench, JobState::Enqueued).await.is_empty());
}

pub(crate) async fn members_of_a_batch_are_listed_and_counted_like_others(bench: Bench) {
    let runtime = bench.runtime().sweep_every(SECOND / 50).start().await.unwrap();
    let first = perform::enqueue(Action::ok()).await.unwrap();
    first.wait().await.unwrap();
    let batch = Batch::<String>::new("tagged")
        .add_all((0..40).map(|_| perform::job(Action::ok()).tag("member")));
    let batch = batch.enqueue().await.unwrap();
    batch.wait().await.unwrap();
    let last = perform::enqueue(Action::ok()).await.unwrap();
    last.wait().await.unwrap();
    assert_eq!(found(&bench, &JobFilter::new().tag("member")).await.len(), 40);
    for size in [7, 50] {
        let filter = JobFilter::new().state(JobState::Succeeded).limit(size);
        let all = found(&bench, &filter).await;
        assert_eq!((all.len(), all[0], all[41]), (42, last.id(), first.id()));
    }
    assert_eq!(bench.client().counts().await.unwrap().succeeded, 42);
    let member = found(&bench, &JobFilter::new().tag("member")).await[0];
    bench.client().delete(member, None).await.unwrap();
    let counts = bench.client().counts().await.unwrap();
    assert_eq!((counts.succeeded, counts.deleted), (41, 1));
    assert!(!in_state(&bench, JobState::Succeeded).await.contains(&member));
    bench.advance(2 * DAY).await;
    bench.until(async || found(&bench, &JobFilter::new()).await.is_empty()).await;
    bench.until(async || bench.client().counts().await.unwrap().succeeded == 0).await;
    drop(runtime);
}
