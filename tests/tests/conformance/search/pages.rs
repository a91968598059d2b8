//! Where pages end, and how they go on.

use std::time::Duration;

use jobs_runtime::{Cursor, Error, JobFilter, JobId, JobState};
use jobs_tests::Bench;

use super::{found, in_state, three_in_each_state};
use crate::conformance::jobs::{Action, perform};
use crate::conformance::times::HOUR;

pub(crate) async fn pages_of_every_size_hold_the_same_jobs(bench: Bench) {
    let states = three_in_each_state(&bench).await;
    let expected: Vec<JobId> = states.into_iter().flat_map(|(_, jobs)| jobs).collect();
    for size in [1, 2, 4, 17, 18, 19] {
        assert_eq!(found(&bench, &JobFilter::new().limit(size)).await, expected, "{size}");
        let kind = JobFilter::new().kind("perform").limit(size);
        assert_eq!(found(&bench, &kind).await, expected, "{size}");
    }
    let page = bench.client().search(&JobFilter::new().limit(18)).await.unwrap();
    assert!(page.next.is_none() && page.complete && page.jobs.len() == 18);
    let page = bench.client().search(&JobFilter::new().limit(17)).await.unwrap();
    assert!(page.next.is_some() && page.complete && page.jobs.len() == 17);
}

pub(crate) async fn a_record_of_a_page_is_that_of_its_job(bench: Bench) {
    three_in_each_state(&bench).await;
    for listed in bench.client().search(&JobFilter::new()).await.unwrap().jobs {
        let record = bench.record(listed.id).await;
        assert_eq!(format!("{listed:?}"), format!("{record:?}"));
        let state = record.placement.state;
        assert_eq!(record.finished_at.is_some(), state.is_settled(), "{state}");
        assert_eq!(record.failure.is_some(), state == JobState::Failed, "{state}");
        assert!(record.finished_at.is_none_or(|at| at >= record.created_at), "{state}");
    }
}

pub(crate) async fn a_page_goes_on_whatever_has_come_or_gone(bench: Bench) {
    let mut jobs = Vec::new();
    for n in 0..4 {
        jobs.push(perform::schedule_in((2 + n) * HOUR, Action::ok()).await.unwrap());
    }
    let filter = JobFilter::new().state(JobState::Scheduled).limit(2);
    let page = bench.client().search(&filter).await.unwrap();
    jobs[1].cancel().await.unwrap();
    perform::schedule_in(HOUR, Action::ok()).await.unwrap();
    let rest = found(&bench, &filter.after(page.next.unwrap())).await;
    assert_eq!(rest, [jobs[2].id(), jobs[3].id()]);
}

/// Each page says where it stopped, and the next one goes on there.
pub(crate) async fn a_search_whose_time_is_up_says_where_it_stopped(bench: Bench) {
    let states = three_in_each_state(&bench).await;
    let many = (0..600).map(|_| perform::job(Action::say("hay")).queue("last"));
    bench.client().enqueue_all(many).await.unwrap();
    let needle = perform::job(Action::say("needle")).queue("last").enqueue().await.unwrap();
    let filter = JobFilter::new().text("needle").time_limit(Duration::ZERO);
    let page = bench.client().search(&filter).await.unwrap();
    assert!(page.jobs.is_empty() && page.next.is_some() && !page.complete);
    assert_eq!(found(&bench, &filter).await, [needle.id()]);
    let filter = JobFilter::new().text("done").time_limit(Duration::ZERO);
    let expected: Vec<JobId> = states.into_iter().flat_map(|(_, jobs)| jobs).collect();
    assert_eq!(found(&bench, &filter).await.len(), expected.len() - 3);
}

/// Batches of successes are packed: a page may end inside of one.
pub(crate) async fn pages_can_end_inside_a_batch_of_successes(bench: Bench) {
    let many = (0..700).map(|_| perform::job(Action::ok()));
    bench.client().enqueue_all(many).await.unwrap();
    let runtime = bench.start().await;
    runtime.drain().await.unwrap();
    let all = in_state(&bench, JobState::Succeeded).await;
    let distinct: std::collections::HashSet<_> = all.iter().collect();
    assert_eq!((all.len(), distinct.len()), (700, 700));
    let filter = JobFilter::new().state(JobState::Succeeded);
    assert_eq!(found(&bench, &filter.clone().limit(37)).await, all);
    assert_eq!(found(&bench, &filter.text("done").limit(300)).await, all);
}

pub(crate) async fn a_cursor_of_another_search_is_refused_or_harmless(bench: Bench) {
    let tagged = perform::job(Action::ok()).tag("x").enqueue().await.unwrap();
    perform::job(Action::ok()).tag("x").enqueue().await.unwrap();
    let page = bench.client().search(&JobFilter::new().tag("x").limit(1)).await.unwrap();
    let cursor: Cursor = page.next.unwrap().to_string().parse().unwrap();
    let rest = found(&bench, &JobFilter::new().tag("x").after(cursor.clone())).await;
    assert_eq!(rest, [tagged.id()]);
    for filter in [JobFilter::new(), JobFilter::new().tag("y")] {
        let error = bench.client().search(&filter.after(cursor.clone())).await.unwrap_err();
        assert!(matches!(error, Error::InvalidCursor { .. }), "{error}");
    }
    let extremes = [i64::MIN, -1, 0, i64::MAX];
    for state in ["processing", "enqueued", "scheduled", "awaiting", "failed", "succeeded"] {
        for (at, seq) in extremes.into_iter().flat_map(|at| extremes.map(|seq| (at, seq))) {
            for nth in extremes {
                let cursor: Cursor = format!("{state}:{at}:{seq}:{nth}:';--").parse().unwrap();
                found(&bench, &JobFilter::new().after(cursor)).await;
            }
        }
    }
}
