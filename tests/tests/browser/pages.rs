//! Every page, with jobs in every state.

use jobs_tests::Bench;

use crate::browser::Browser;
use crate::site::Site;
use crate::world::{SCHEDULE, THROTTLE, WAITING, World};
use crate::{on_postgres, on_sqlite};

#[test]
fn every_page_shows_what_is_there() {
    on_sqlite(every_page);
}

#[test]
fn every_page_shows_what_is_there_on_postgres() {
    on_postgres(every_page);
}

async fn every_page(bench: Bench) {
    let world = World::make(&bench).await;
    let site = Site::open(&bench).await;
    let browser = Browser::open(&site).await;
    for (name, path) in world.pages() {
        browser.go(&path).await;
        browser.see("main h1").await;
        assert_eq!(browser.count("h1").await, 1, "{name}");
        let title = browser.client().title().await.unwrap();
        assert!(title.contains("Jobs"), "{name}: {title}");
        let complaints = browser.complaints().await;
        // The page that is not there says so with its status, which the console repeats.
        assert!(name == "unknown" || complaints.is_empty(), "{name}: {complaints:#?}");
    }
    for (state, id) in world.jobs() {
        browser.go(&format!("/jobs?state={state}")).await;
        browser.see(&format!("#job-{id}")).await;
        browser.click(&format!("#job-{id} a.kind")).await;
        browser.see_text("#job-id", &id.to_string()).await;
        assert_eq!(browser.path().await, format!("/jobs/{id}"));
        browser.see_text("#history", "").await;
    }
    browser.go("/jobs").await;
    for (_, id) in world.jobs() {
        browser.see(&format!("#job-{id}")).await;
    }
    for (path, text) in [
        ("/queues", WAITING),
        ("/throttles", THROTTLE),
        ("/batches", "evening"),
        ("/recurring", SCHEDULE),
        ("/kinds", "charge_card"),
    ] {
        browser.go(path).await;
        browser.see_text("main", text).await;
    }
    browser.go(&format!("/batches/{}", world.batch)).await;
    browser.see_text("main", "charge_card").await;
    browser.go(&format!("/jobs/{}", world.failed)).await;
    browser.see_text("main", "the card was declined").await;
    browser.see_text("main", "no answer from the bank").await;
    browser.go(&format!("/jobs/{}", world.succeeded)).await;
    browser.see_text("#output", "sent to ada@example.com").await;
    browser.close().await;
    world.end().await;
}

#[test]
fn every_page_says_what_would_fill_it() {
    on_sqlite(async |bench| {
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        for path in
            ["/jobs", "/queues", "/throttles", "/batches", "/recurring", "/servers", "/kinds"]
        {
            browser.go(path).await;
            browser.see(".empty").await;
            let text = browser.text(".empty").await.unwrap();
            assert!(text.len() > 20, "{path} says only `{text}`");
        }
        browser.go("/overview").await;
        browser.see("main h1").await;
        browser.close().await;
    });
}

#[test]
fn every_link_leads_somewhere() {
    on_sqlite(async |bench| {
        let world = World::make(&bench).await;
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        crate::mounting::follow_all_links(&browser, "").await;
        browser.close().await;
        world.end().await;
    });
}
