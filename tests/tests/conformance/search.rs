//! Finding jobs, page by page.

use std::time::Duration;

use chrono::{DateTime, Utc};
use jobs_runtime::prelude::{Backoff, Throttle};
use jobs_runtime::{Batch, Client, Cursor, Error, JobFilter, JobHandle, JobId, JobState};
use jobs_tests::Bench;

use super::jobs::{Action, double, perform, show};
use super::protect::{SECRET, sign_in};
use super::times::{DAY, HOUR, SECOND};

/// All that match, by as many pages as it takes.
pub(crate) async fn found(bench: &Bench, filter: &JobFilter) -> Vec<JobId> {
    let mut found = Vec::new();
    let mut next = Some(filter.clone());
    while let Some(filter) = next {
        let page = bench.client().search(&filter).await.unwrap();
        found.extend(page.jobs.iter().map(|job| job.id));
        next = page.next.map(|cursor| filter.after(cursor));
    }
    found
}

async fn in_state(bench: &Bench, state: JobState) -> Vec<JobId> {
    found(bench, &JobFilter::new().state(state)).await
}

async fn texts(bench: &Bench, text: &str) -> Vec<JobId> {
    found(bench, &JobFilter::new().text(text)).await
}

async fn say(text: &str) -> JobId {
    perform::enqueue(Action::say(text)).await.unwrap().id()
}

async fn succeed(bench: &Bench, action: Action) -> JobHandle<String> {
    let runtime = bench.start().await;
    let job = perform::enqueue(action).await.unwrap();
    job.wait().await.unwrap();
    runtime.shutdown().await.unwrap();
    job
}

/// Three jobs in each state, as they are to be listed. One server goes on to run the two that are
/// in hand.
async fn three_in_each_state(bench: &Bench) -> Vec<(JobState, Vec<JobId>)> {
    let runtime = bench.start().await;
    let (mut succeeded, mut failed) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let job = perform::enqueue(Action::ok()).await.unwrap();
        job.wait().await.unwrap();
        succeeded.insert(0, job.id());
        let job = perform::job(Action::fail()).retries(0).enqueue().await.unwrap();
        job.wait().await.unwrap_err();
        failed.insert(0, job.id());
    }
    runtime.shutdown().await.unwrap();
    let (mut deleted, mut awaiting) = (Vec::new(), Vec::new());
    let parent = perform::schedule_in(3 * HOUR, Action::ok()).await.unwrap();
    for _ in 0..3 {
        let job = perform::enqueue(Action::ok()).await.unwrap();
        job.cancel().await.unwrap();
        deleted.insert(0, job.id());
        let job = perform::continue_with(&parent, Action::ok()).await.unwrap();
        awaiting.insert(0, job.id());
    }
    let late = perform::schedule_in(2 * HOUR, Action::ok()).await.unwrap();
    let soon = perform::schedule_in(HOUR, Action::ok()).await.unwrap();
    let scheduled = vec![soon.id(), late.id(), parent.id()];
    let line = |queue: &str, priority| perform::job(Action::ok()).queue(queue).priority(priority);
    let last = line("last", 0).enqueue().await.unwrap();
    let second = line("first", 0).enqueue().await.unwrap();
    let first = line("first", 1).enqueue().await.unwrap();
    let enqueued = vec![first.id(), second.id(), last.id()];
    vec![
        (JobState::Enqueued, enqueued),
        (JobState::Scheduled, scheduled),
        (JobState::Awaiting, awaiting),
        (JobState::Failed, failed),
        (JobState::Deleted, deleted),
        (JobState::Succeeded, succeeded),
    ]
}

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

pub(crate) async fn kinds_queues_and_states_narrow_a_search(bench: Bench) {
    let first = perform::job(Action::ok()).queue("first").enqueue().await.unwrap();
    let last = perform::job(Action::ok()).queue("last").enqueue().await.unwrap();
    let other = double::job(1).queue("last").enqueue().await.unwrap();
    let later = double::job(2).queue("last").delay(HOUR).enqueue().await.unwrap();
    let all = JobFilter::new;
    assert_eq!(found(&bench, &all().kind("double")).await, [other.id(), later.id()]);
    assert_eq!(found(&bench, &all().queue("first")).await, [first.id()]);
    let both = all().queue("last").queue("first").kind("perform");
    assert_eq!(found(&bench, &both).await, [first.id(), last.id()]);
    let kinds = all().kind("double").kind("perform").state(JobState::Enqueued);
    assert_eq!(found(&bench, &kinds).await, [first.id(), last.id(), other.id()]);
    let scheduled = all().queue("last").state(JobState::Scheduled);
    assert_eq!(found(&bench, &scheduled).await, [later.id()]);
}

pub(crate) async fn what_matches_nothing_gives_an_empty_page(bench: Bench) {
    three_in_each_state(&bench).await;
    let all = JobFilter::new;
    for filter in [
        all().kind("unheard_of"),
        all().queue("nowhere"),
        all().tag("rare"),
        all().text("needle"),
        all().kind("double").state(JobState::Succeeded),
        all().kind("a\0b").queue("a\0b").tag("a\0b").text("a\0b"),
        all().kind("'; DROP TABLE job; --").queue("%").tag("_").text("\"]}"),
        all().state(JobState::Enqueued).finished(Utc::now() - DAY..),
        all().finished(Utc::now() + DAY..),
        all().created(..Utc::now() - DAY),
    ] {
        let page = bench.client().search(&filter).await.unwrap();
        assert!(page.jobs.is_empty(), "{filter:?}");
        assert!(found(&bench, &filter).await.is_empty(), "{filter:?}");
    }
    assert_eq!(found(&bench, &all().finished(..).created(..)).await.len(), 18);
}

pub(crate) async fn text_is_found_in_either_case_and_as_it_is(bench: Bench) {
    let ada = say("Ada@Example.com").await;
    let percent = say("100% of a_b").await;
    let quoted = say("say \"hi\" \\ bye").await;
    let umlaut = say("Größe 汉字").await;
    assert_eq!(texts(&bench, "ada@example").await, [ada]);
    assert_eq!(texts(&bench, "ADA@").await, [ada]);
    assert_eq!(texts(&bench, "%").await, [percent]);
    assert_eq!(texts(&bench, "A_B").await, [percent]);
    assert!(texts(&bench, "a%b").await.is_empty());
    assert_eq!(texts(&bench, "\"HI\" \\ bye").await, [quoted]);
    assert_eq!(texts(&bench, "\"Say\":\"100").await, [percent]);
    assert_eq!(texts(&bench, "Größe 汉").await, [umlaut]);
    assert!(texts(&bench, "größe").await.len() == 1 && texts(&bench, "GRÖSSE").await.is_empty());
    assert_eq!(texts(&bench, "").await.len(), 4);
}

pub(crate) async fn what_is_hidden_is_not_found_by_its_text(bench: Bench) {
    let job = sign_in::enqueue(7, SECRET).await.unwrap();
    assert!(texts(&bench, SECRET).await.is_empty());
    assert!(texts(&bench, &SECRET[..4]).await.is_empty());
    let page = bench.client().search(&JobFilter::new().text("\"user\":7")).await.unwrap();
    assert_eq!(page.jobs[0].id, job.id());
    assert!(!page.jobs[0].args.contains(SECRET), "{}", page.jobs[0].args);
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

pub(crate) async fn times_narrow_a_search(bench: Bench) {
    let mut stored: Vec<(JobId, DateTime<Utc>, DateTime<Utc>)> = Vec::new();
    for _ in 0..4 {
        let job = succeed(&bench, Action::ok()).await;
        let record = bench.record(job.id()).await;
        stored.insert(0, (job.id(), record.created_at, record.finished_at.unwrap()));
        bench.advance(HOUR).await;
    }
    let failed = stored[1];
    let slack = HOUR / 2;
    let created = JobFilter::new().created(stored[2].1..=stored[1].1);
    assert_eq!(found(&bench, &created).await, [stored[1].0, stored[2].0]);
    let finished = JobFilter::new().finished(stored[2].2 - slack..failed.2 + slack);
    assert_eq!(found(&bench, &finished).await, [stored[1].0, stored[2].0]);
    for size in [1, 2] {
        let from = JobFilter::new().finished(stored[2].2 - slack..).limit(size);
        let expected: Vec<JobId> = stored[..3].iter().map(|(job, ..)| *job).collect();
        assert_eq!(found(&bench, &from).await, expected);
        let before = JobFilter::new().finished(..stored[2].2 + slack).limit(size);
        assert_eq!(found(&bench, &before).await, [stored[2].0, stored[3].0]);
    }
}

pub(crate) async fn tags_and_states_narrow_each_other(bench: Bench) {
    let tagged = |n: u32| perform::job(Action::ok()).tag("x").tag(format!("n{}", n % 2));
    let mut jobs = Vec::new();
    for n in 0..4 {
        jobs.push(tagged(n).enqueue().await.unwrap());
    }
    let late = tagged(0).delay(HOUR).enqueue().await.unwrap();
    perform::enqueue(Action::ok()).await.unwrap();
    jobs[2].cancel().await.unwrap();
    let filter = JobFilter::new().tag("x").state(JobState::Enqueued);
    assert_eq!(found(&bench, &filter).await, [jobs[3].id(), jobs[1].id(), jobs[0].id()]);
    let filter = JobFilter::new().tag("x").tag("n0").limit(1);
    assert_eq!(found(&bench, &filter).await, [late.id(), jobs[2].id(), jobs[0].id()]);
    let filter = filter.state(JobState::Scheduled).state(JobState::Deleted);
    assert_eq!(found(&bench, &filter).await, [late.id(), jobs[2].id()]);
}

/// More jobs have the tag than are looked up by it where states are named.
pub(crate) async fn a_tag_of_many_jobs_is_found_in_the_lists_of_states(bench: Bench) {
    let many = (0..1_200).map(|_| perform::job(Action::ok()).tag("many").queue("last"));
    let stored = bench.client().enqueue_all(many).await.unwrap();
    let urgent = perform::job(Action::ok()).tag("many").queue("first").enqueue().await.unwrap();
    let mut expected: Vec<JobId> = vec![urgent.id()];
    expected.extend(stored.iter().map(JobHandle::id));
    let filter = JobFilter::new().tag("many").state(JobState::Enqueued).limit(400);
    assert_eq!(found(&bench, &filter).await, expected);
    let mut newest_first = expected.split_off(1);
    newest_first.insert(0, urgent.id());
    newest_first[1..].reverse();
    assert_eq!(found(&bench, &JobFilter::new().tag("many").limit(400)).await, newest_first);
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

pub(crate) async fn all_that_match_are_deleted_and_nothing_else(bench: Bench) {
    let some = (0..450).map(|_| perform::job(Action::ok()).tag("x"));
    bench.client().enqueue_all(some).await.unwrap();
    let late = perform::job(Action::ok()).tag("x").delay(HOUR).enqueue().await.unwrap();
    let child = perform::job(Action::ok()).after(&late).enqueue().await.unwrap();
    let other = perform::enqueue(Action::ok()).await.unwrap();
    let filter = JobFilter::new().tag("x").limit(1);
    let deleted = bench.client().delete_all(&filter).await.unwrap();
    assert_eq!((deleted.done, deleted.moved_on, deleted.refused), (451, 0, 0));
    assert_eq!(bench.state(&late).await, JobState::Deleted);
    assert_eq!(bench.state(&other).await, JobState::Enqueued);
    let record = bench.record(child.id()).await;
    assert_eq!(record.placement.state, JobState::Deleted);
    assert!(record.reason.unwrap().contains(&late.id().to_string()));
    assert_eq!(bench.client().counts().await.unwrap().deleted, 452);
    let again = bench.client().delete_all(&filter).await.unwrap();
    assert_eq!(again.done, 0);
    let event = bench.client().history(late.id()).await.unwrap().events.pop().unwrap();
    assert_eq!((event.from, event.to), (JobState::Scheduled, JobState::Deleted));
}

/// A family that is deleted in one transaction is deleted as one job after the other would be.
pub(crate) async fn parents_and_children_can_be_deleted_together(bench: Bench) {
    let parent = perform::job(Action::ok()).tag("x").enqueue().await.unwrap();
    let child = perform::job(Action::ok()).tag("x").after(&parent).enqueue().await.unwrap();
    let grandchild = perform::job(Action::ok()).after(&child).enqueue().await.unwrap();
    let deleted = bench.client().delete_all(&JobFilter::new().tag("x")).await.unwrap();
    assert_eq!(deleted.done, 2);
    for job in [&parent, &child, &grandchild] {
        assert_eq!(bench.state(job).await, JobState::Deleted);
        assert_eq!(bench.client().history(job.id()).await.unwrap().events.len(), 1);
    }
    assert_eq!(bench.client().counts().await.unwrap().deleted, 3);
    let _runtime = bench.start().await;
    parent.requeue().await.unwrap();
    parent.wait().await.unwrap();
    // Deleted by itself, and not because of its parent.
    assert_eq!(bench.state(&child).await, JobState::Deleted);
    child.requeue().await.unwrap();
    child.wait().await.unwrap();
    grandchild.wait().await.unwrap();
}

pub(crate) async fn all_that_match_are_requeued_and_run_again(bench: Bench) {
    let runtime = bench.start().await;
    let failing = (0..250).map(|_| perform::job(Action::FailBefore(2)).retries(0));
    let failing = bench.client().enqueue_all(failing).await.unwrap();
    let other = perform::job(Action::fail()).retries(0).queue("last").enqueue().await.unwrap();
    for job in &failing {
        job.wait().await.unwrap_err();
    }
    other.wait().await.unwrap_err();
    let filter = JobFilter::new().state(JobState::Failed).queue("default");
    let requeued = bench.client().requeue_all(&filter).await.unwrap();
    assert_eq!((requeued.done, requeued.moved_on, requeued.refused), (250, 0, 0));
    runtime.drain().await.unwrap();
    assert!(failing.iter().all(|job| bench.probe().runs(job.id()) == 2));
    assert_eq!(bench.probe().runs(other.id()), 1);
}

/// In one transaction, in which each still comes to where it would come by itself.
pub(crate) async fn many_jobs_of_every_sort_are_requeued_at_once(bench: Bench) {
    let client = bench.client();
    let runtime = bench.start().await;
    let succeeded = perform::enqueue(Action::ok()).await.unwrap();
    succeeded.wait().await.unwrap();
    let failing = || perform::job(Action::fail()).retries(0);
    let failed = failing().enqueue().await.unwrap();
    failed.wait().await.unwrap_err();
    let batch = Batch::new("b").add_all([failing()]).enqueue().await.unwrap();
    bench.until(async || client.counts().await.unwrap().failed == 2).await;
    runtime.shutdown().await.unwrap();
    let scheduled = perform::schedule_in(HOUR, Action::ok()).await.unwrap();
    let parent = perform::enqueue(Action::say("parent")).await.unwrap();
    let child = show::continue_with(&parent, "> ").await.unwrap();
    parent.cancel().await.unwrap();
    assert_eq!(bench.state(&child).await, JobState::Deleted);
    let done = client.requeue_all(&JobFilter::new()).await.unwrap();
    assert_eq!((done.done, done.moved_on, done.refused), (6, 0, 0));
    for job in [scheduled.id(), parent.id(), failed.id(), succeeded.id()] {
        assert_eq!(bench.record(job).await.placement.state, JobState::Enqueued);
    }
    assert_eq!(bench.state(&child).await, JobState::Awaiting);
    let counts = client.batch(batch.id()).await.unwrap().unwrap().counts;
    assert_eq!((counts.pending, counts.failed), (1, 0), "{counts:?}");
    let to: Vec<JobState> =
        client.events(child.id()).await.unwrap().iter().map(|event| event.to).collect();
    assert_eq!(to, [JobState::Deleted, JobState::Awaiting]);
    let runtime = bench.start().await;
    assert_eq!(child.wait().await.unwrap(), "> parent");
    runtime.drain().await.unwrap();
    let counts = client.counts().await.unwrap();
    assert_eq!((counts.succeeded, counts.failed), (4, 2));
}

pub(crate) async fn what_cannot_be_requeued_is_counted_and_left_alone(bench: Bench) {
    let parent = perform::schedule_in(HOUR, Action::ok()).await.unwrap();
    let waits = show::continue_with(&parent, "> ").await.unwrap();
    let free = perform::continue_with(&parent, Action::ok()).await.unwrap();
    let filter = JobFilter::new().state(JobState::Awaiting).state(JobState::Enqueued);
    let requeued = bench.client().requeue_all(&filter).await.unwrap();
    assert_eq!((requeued.done, requeued.moved_on, requeued.refused), (1, 0, 1));
    assert_eq!(bench.state(&waits).await, JobState::Awaiting);
    assert_eq!(bench.state(&free).await, JobState::Enqueued);
    let enqueued = JobFilter::new().state(JobState::Enqueued);
    assert_eq!(bench.client().requeue_all(&enqueued).await.unwrap(), Default::default());
}

/// Two that act on the same jobs at once share them out, and wait for each other without end
/// nowhere.
pub(crate) async fn two_that_delete_all_at_once_delete_each_job_once(bench: Bench) {
    let jobs = (0..1_000).map(|n| match n % 2 {
        0 => perform::job(Action::ok()),
        _ => perform::job(Action::ok()).delay(HOUR),
    });
    bench.client().enqueue_all(jobs).await.unwrap();
    let other = Client::new(bench.another_storage().await);
    let filter = JobFilter::new();
    let (here, there) = tokio::join!(bench.client().delete_all(&filter), other.delete_all(&filter));
    let (here, there) = (here.unwrap(), there.unwrap());
    assert_eq!(here.done + there.done, 1_000, "{here:?} {there:?}");
    assert_eq!(bench.client().counts().await.unwrap().deleted, 1_000);
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
