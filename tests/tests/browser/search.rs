//! Filters, and lists that are longer than a page.

use chrono::{Duration, Utc};
use jobs_runtime::prelude::*;

use crate::browser::Browser;
use crate::kinds::send_welcome;
use crate::on_sqlite;
use crate::site::Site;
use crate::world::{WAITING, World};

/// The ids of the jobs on the page.
async fn listed(browser: &Browser) -> Vec<JobId> {
    browser.see("#list").await;
    let script = "return [...document.querySelectorAll('#list tbody tr')].map(row => row.id)";
    let ids = browser.run(script, vec![]).await;
    let id =
        |id: &serde_json::Value| id.as_str().unwrap().trim_start_matches("job-").parse().unwrap();
    ids.as_array().unwrap().iter().map(id).collect()
}

async fn search(browser: &Browser) {
    browser.click("#filter button.primary").await;
}

#[test]
fn jobs_are_found_by_each_field() {
    on_sqlite(async |bench| {
        let world = World::make(&bench).await;
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        for (field, value, found) in [
            ("kind", "file_receipt", world.awaiting),
            ("text", "GRACE@", world.enqueued),
            ("text", "\"order\":7", world.failed),
        ] {
            browser.go("/jobs").await;
            browser.fill(&format!("#filter [name={field}]"), value).await;
            search(&browser).await;
            browser.until("the job alone", async || listed(&browser).await == [found]).await;
        }
        browser.go("/jobs").await;
        browser.fill("#filter [name=queue]", WAITING).await;
        browser.fill("#filter [name=tag]", "mail").await;
        browser.fill("#filter [name=kind]", "send_welcome").await;
        browser.fill("#filter [name=text]", "@example.com").await;
        search(&browser).await;
        let both = async || {
            let ids = listed(&browser).await;
            ids.contains(&world.enqueued) && !ids.contains(&world.succeeded)
        };
        browser.until("the jobs of the queue", both).await;
        // What was asked for stands in the form, and can be taken back.
        assert_eq!(browser.attr("#filter [name=queue]", "value").await.unwrap(), WAITING);
        browser.press("#filter", "Clear").await;
        browser.until("all jobs", async || listed(&browser).await.contains(&world.succeeded)).await;
        browser.close().await;
        world.end().await;
    });
}

#[test]
fn what_matches_nothing_is_said_to() {
    on_sqlite(async |bench| {
        let world = World::make(&bench).await;
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        for query in ["kind=%27+OR+1%3D1+--", "text=100%25", "tag=none", "queue=none&state=failed"]
        {
            browser.go(&format!("/jobs?{query}")).await;
            browser.see("#list .empty").await;
            assert_eq!(listed(&browser).await, []);
        }
        browser.close().await;
        world.end().await;
    });
}

#[test]
fn jobs_are_found_by_time() {
    on_sqlite(async |bench| {
        let world = World::make(&bench).await;
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        let at = |hours: i64| (Utc::now() + Duration::hours(hours)).format("%Y-%m-%dT%H:%M");
        browser.go("/jobs?state=failed").await;
        browser.set("#filter [name=from]", &at(-1).to_string()).await;
        browser.set("#filter [name=to]", &at(1).to_string()).await;
        search(&browser).await;
        browser.until("the job", async || listed(&browser).await.contains(&world.failed)).await;
        browser.set("#filter [name=to]", &at(-1).to_string()).await;
        browser.set("#filter [name=from]", "").await;
        search(&browser).await;
        browser.see("#list .empty").await;
        assert!(browser.path().await.contains("state=failed"));
        browser.close().await;
        world.end().await;
    });
}

#[test]
fn tags_and_states_lead_to_their_lists() {
    on_sqlite(async |bench| {
        let world = World::make(&bench).await;
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        browser.go(&format!("/jobs/{}", world.succeeded)).await;
        browser.press("main", "mail").await;
        browser.until("the tag", async || browser.path().await == "/jobs?tag=mail").await;
        assert!(listed(&browser).await.contains(&world.succeeded));
        browser.click("#states a[data-state=deleted]").await;
        browser.until("the state", async || listed(&browser).await == [world.deleted]).await;
        assert!(browser.path().await.contains("tag=mail"), "the filter is kept");
        browser.close().await;
        world.end().await;
    });
}

#[test]
fn a_long_list_has_pages_that_hold_every_job_once() {
    on_sqlite(async |bench| {
        let many = (0..130).map(|n| send_welcome::job(format!("{n}@example.com")).queue(WAITING));
        let stored = bench.client().enqueue_all(many).await.unwrap();
        let mut stored: Vec<JobId> = stored.iter().map(JobHandle::id).collect();
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        browser.go("/jobs?state=enqueued").await;
        let mut seen = listed(&browser).await;
        let first = seen.clone();
        while browser.count("#next").await > 0 {
            // What comes meanwhile moves nothing.
            send_welcome::job("late@example.com")
                .queue(WAITING)
                .priority(9)
                .enqueue()
                .await
                .unwrap();
            let last = *seen.last().unwrap();
            browser.click("#next").await;
            browser.miss(&format!("#job-{last}")).await;
            seen.extend(listed(&browser).await);
        }
        assert_eq!(seen.len(), 130);
        seen.sort_unstable();
        stored.sort_unstable();
        assert_eq!(seen, stored);
        browser.press("main", "First page").await;
        browser.until("the first page", async || listed(&browser).await != first).await;
        browser.close().await;
    });
}
