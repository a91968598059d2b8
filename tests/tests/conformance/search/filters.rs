//! What narrows a search.

use chrono::{DateTime, Utc};
use jobs_runtime::{JobFilter, JobHandle, JobId, JobState};
use jobs_tests::Bench;

use super::{found, three_in_each_state};
use crate::conformance::jobs::{Action, double, perform};
use crate::conformance::protect::{SECRET, sign_in};
use crate::conformance::times::{DAY, HOUR};

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
