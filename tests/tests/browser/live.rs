//! Pages that keep themselves up to date, and are not loaded again for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::browser::Browser;
use crate::kinds::send_welcome;
use crate::on_sqlite;
use crate::site::{Site, dashboard};
use crate::world::{WAITING, World, import};
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};

/// Puts a mark on the document that does not outlive it.
async fn mark(browser: &Browser) {
    browser.run("window.mark = 'here'", vec![]).await;
}

async fn assert_marked(browser: &Browser) {
    assert_eq!(
        browser.run("return window.mark", vec![]).await,
        "here",
        "the page was loaded again"
    );
}

#[test]
fn the_overview_counts_what_comes() {
    on_sqlite(async |bench| {
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        browser.go("/overview").await;
        browser.see_text("#count-enqueued", "0").await;
        mark(&browser).await;
        for count in 1..=3 {
            send_welcome::job("ada@example.com").queue(WAITING).enqueue().await.unwrap();
            browser.see_text("#count-enqueued", &count.to_string()).await;
        }
        assert_marked(&browser).await;
        browser.close().await;
    });
}

#[test]
fn a_list_shows_what_comes_and_keeps_what_is_chosen() {
    on_sqlite(async |bench| {
        let world = World::make(&bench).await;
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        browser.go("/jobs?state=enqueued").await;
        let chosen = format!("#job-{} input[name=job]", world.enqueued);
        browser.click(&chosen).await;
        mark(&browser).await;
        let new = send_welcome::job("new@example.com").queue(WAITING).enqueue().await.unwrap();
        browser.see(&format!("#job-{}", new.id())).await;
        browser.see(&format!("{chosen}:checked")).await;
        bench.client().delete(new.id(), None).await.unwrap();
        browser.miss(&format!("#job-{}", new.id())).await;
        assert_marked(&browser).await;
        browser.close().await;
        world.end().await;
    });
}

/// The focus, a folded failure, a menu with a time in it, and the very rows are those from before.
#[test]
fn a_list_that_is_renewed_leaves_alone_what_somebody_is_at() {
    on_sqlite(async |bench| {
        let world = World::make(&bench).await;
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        browser.go("/jobs").await;
        let failed = format!("#job-{}", world.failed);
        browser.click(&format!("{failed} .failure summary")).await;
        browser.open_details("#list details.menu:has(input[name=at])").await;
        browser.set("input[name=at]", "2030-01-02T03:04").await;
        let take = format!(
            "window.row = document.querySelector('{failed}');
             document.querySelector('{failed} a.kind').focus();"
        );
        browser.run(&take, vec![]).await;
        let new = send_welcome::job("new@example.com").queue(WAITING).enqueue().await.unwrap();
        browser.see(&format!("#job-{}", new.id())).await;
        let look = "return [window.row.isConnected, window.row.contains(document.activeElement),
            window.row.querySelector('.failure').open,
            document.querySelector('input[name=at]').value,
            document.querySelector('details.menu:has(input[name=at])').open]";
        let kept = browser.run(look, vec![]).await;
        assert_eq!(kept, serde_json::json!([true, true, true, "2030-01-02T03:04", true]));
        browser.close().await;
        world.end().await;
    });
}

/// A box that was ticked for a job as it was does not stand for what has become of it.
#[test]
fn a_chosen_job_that_moves_on_is_chosen_no_longer() {
    on_sqlite(async |bench| {
        let world = World::make(&bench).await;
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        browser.go("/jobs").await;
        let chosen = format!("#job-{} input[name=job]", world.enqueued);
        browser.click(&chosen).await;
        bench.client().delete(world.enqueued, None).await.unwrap();
        browser.see_text(&format!("#job-{}", world.enqueued), "Deleted").await;
        browser.miss(&format!("{chosen}:checked")).await;
        browser.close().await;
        world.end().await;
    });
}

#[test]
fn the_page_of_a_job_follows_its_run() {
    on_sqlite(async |bench| {
        let runtime = bench.start().await;
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        let job = import("orders.csv", 3).await;
        bench.hear("at 1").await;
        browser.go(&format!("/jobs/{}", job.id())).await;
        browser.see_text("#log", "reading orders.csv").await;
        mark(&browser).await;
        for step in 1..=2_usize {
            bench.probe().open(&format!("orders.csv {step}"));
            browser.see_text("#log", &format!("step {step} of 3 is done")).await;
            browser.see(&format!("#progress[value='{step}'][max='3']")).await;
        }
        browser.see_text("#head", "Processing").await;
        bench.probe().open("orders.csv 3");
        browser.see_text("#head", "Succeeded").await;
        browser.see_text("#runs", "1").await;
        // Where a job is in the line again, its output is not said any longer.
        bench.client().pause_queue("default").await.unwrap();
        bench.client().requeue(job.id(), None).await.unwrap();
        browser.see_text("#head", "Enqueued").await;
        browser.miss("#output").await;
        assert_marked(&browser).await;
        browser.close().await;
        runtime.shutdown().await.unwrap();
    });
}

#[test]
fn a_page_says_that_the_server_is_gone_and_goes_on_when_it_is_back() {
    on_sqlite(async |bench| {
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        browser.go("/overview").await;
        browser.see_text("#count-enqueued", "0").await;
        mark(&browser).await;
        let address = site.stop().await;
        browser.see("#connection:not([hidden])").await;
        send_welcome::job("ada@example.com").queue(WAITING).enqueue().await.unwrap();
        let _site = Site::serve_app(dashboard(&bench).router(), "", &address.to_string()).await;
        browser.see_text("#count-enqueued", "1").await;
        assert_marked(&browser).await;
        browser.forget_complaints().await;
        browser.close().await;
    });
}

#[test]
fn a_page_that_nobody_looks_at_asks_for_nothing() {
    on_sqlite(async |bench| {
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = asked.clone();
        let count = from_fn(move |request: Request, next: Next| {
            counter.fetch_add(1, Ordering::Relaxed);
            next.run(request)
        });
        let app = Router::new().merge(dashboard(&bench).router()).layer(count);
        let site = Site::serve_app(app, "", "127.0.0.1:0").await;
        let browser = Browser::open(&site).await;
        browser.go("/overview").await;
        let loaded = asked.load(Ordering::Relaxed);
        browser.until("a refresh", async || asked.load(Ordering::Relaxed) > loaded).await;

        browser.hide(true).await;
        // Longer than the page would wait; one request may have been under way.
        let hidden = asked.load(Ordering::Relaxed);
        tokio::time::sleep(Duration::from_secs(5)).await;
        let now = asked.load(Ordering::Relaxed);
        assert!(now <= hidden + 1, "{} requests while hidden", now - hidden);
        browser.hide(false).await;
        browser.until("a refresh", async || asked.load(Ordering::Relaxed) > now).await;
        browser.close().await;
    });
}
