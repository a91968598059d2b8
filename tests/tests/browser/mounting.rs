//! The dashboard under a prefix.

use std::collections::BTreeSet;

use axum::Router;

use crate::browser::Browser;
use crate::on_sqlite;
use crate::site::{Site, dashboard};
use crate::world::World;

/// Follows every link from the first page on, and looks whether it is there; all of them must stay
/// under the prefix.
pub(crate) async fn follow_all_links(browser: &Browser, prefix: &str) {
    const LINKS: &str = "return [...document.querySelectorAll('a[href]')].map(a => a.href)";
    /// A link may be for each of any number of jobs.
    const MOST: usize = 150;
    let mut known = BTreeSet::new();
    let mut open = vec!["/overview".to_owned()];
    while let Some(path) = open.pop() {
        browser.go(&path).await;
        browser.see("main h1").await;
        let complaints = browser.complaints().await;
        assert!(complaints.is_empty(), "{path}: {complaints:#?}");
        let links = browser.run(LINKS, vec![]).await;
        let origin = browser.run("return location.origin", vec![]).await;
        let here = format!("{}{prefix}", origin.as_str().unwrap());
        for link in links.as_array().unwrap() {
            let link = link.as_str().unwrap();
            let own = link.strip_prefix(&here).unwrap_or_else(|| panic!("{path} links to {link}"));
            let own = own.split('#').next().unwrap_or_default().to_owned();
            assert!(own.is_empty() || own.starts_with('/'), "{path} links to {link}");
            if known.len() < MOST && known.insert(own.clone()) {
                open.push(own);
            }
        }
    }
    assert!(known.len() > 20, "{known:#?}");
}

#[test]
fn under_a_prefix_all_links_and_actions_stay_under_it() {
    on_sqlite(async |bench| {
        let world = World::make(&bench).await;
        let site = Site::serve(dashboard(&bench), "/admin/jobs").await;
        let browser = Browser::open(&site).await;
        follow_all_links(&browser, "/admin/jobs").await;
        browser.go(&format!("/jobs/{}", world.enqueued)).await;
        browser.press("main", "Delete").await;
        browser.see_text("#flash", "1").await;
        assert_eq!(browser.path().await, format!("/jobs/{}", world.enqueued));
        browser.close().await;
        world.end().await;
    });
}

#[test]
fn the_first_page_is_there_where_the_router_is_nested() {
    on_sqlite(async |bench| {
        let router = dashboard(&bench).router();
        // Axum tells the two apart, and answers under `/jobs/` only if it is named so.
        let app = Router::new().nest("/jobs", router.clone()).nest("/a/b/", router);
        let site = Site::serve_app(app, "", "127.0.0.1:0").await;
        let browser = Browser::open(&site).await;
        for (path, queues) in [("/jobs", "/jobs/queues"), ("/a/b/", "/a/b/queues")] {
            browser.go(path).await;
            browser.see("main h1").await;
            browser.press("nav", "Queues").await;
            browser.until("the queues", async || browser.path().await == queues).await;
        }
        browser.close().await;
    });
}
