//! English and Turkish.

use crate::browser::Browser;
use crate::on_sqlite;
use crate::site::{Site, dashboard};
use crate::world::World;

async fn language(browser: &Browser) -> String {
    browser.attr("html", "lang").await.unwrap()
}

/// What a page would show if a text were missing.
async fn missing_texts(browser: &Browser) -> String {
    let script = "const found = document.body.innerText.match(/\\b(nav|job|jobs|act|done|theme|\
        language|live|overview|queues|servers|kinds|batch|batches|recurring|throttles|failed|empty)\
        \\.[a-z_]+\\b/g); return (found ?? []).join(' ')";
    browser.run(script, vec![]).await.as_str().unwrap().to_owned()
}

#[test]
fn a_turkish_browser_gets_turkish_pages() {
    on_sqlite(async |bench| {
        let world = World::make(&bench).await;
        let site = Site::open(&bench).await;
        let browser = Browser::speaking(&site, "tr-TR,tr").await;
        let mut english = Vec::new();
        for (name, path) in world.pages() {
            browser.go(&path).await;
            browser.see("main h1").await;
            assert_eq!(language(&browser).await, "tr", "{name}");
            assert_eq!(missing_texts(&browser).await, "", "{name}");
            for word in browser.texts("nav a, main h1, main h2, main th, main button").await {
                let words =
                    ["Overview", "Queue", "Delete", "Requeue", "Server", "Batches", "Kinds"];
                english.extend(
                    words.iter().any(|other| word == *other).then_some((name.clone(), word)),
                );
            }
        }
        assert!(english.is_empty(), "{english:?}");
        // One of the pages is not there, which the console repeats.
        browser.forget_complaints().await;
        browser.close().await;
        world.end().await;
    });
}

#[test]
fn the_language_can_be_chosen_and_stays() {
    on_sqlite(async |bench| {
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        browser.go("/jobs?state=failed").await;
        assert_eq!(language(&browser).await, "en");
        assert_eq!(missing_texts(&browser).await, "");
        browser.click("button[name=language][value=tr]").await;
        browser.see("html[lang=tr]").await;
        assert_eq!(browser.path().await, "/jobs?state=failed");
        browser.go("/queues").await;
        assert_eq!(language(&browser).await, "tr");
        browser.click("button[name=language][value=en]").await;
        browser.see("html[lang=en]").await;
        browser.close().await;
    });
}

#[test]
fn a_language_that_is_set_wins_over_the_wish_of_the_browser() {
    on_sqlite(async |bench| {
        let site = Site::serve(dashboard(&bench).language("tr"), "").await;
        let browser = Browser::open(&site).await;
        browser.go("/overview").await;
        assert_eq!(language(&browser).await, "tr");
        browser.close().await;
    });
}
