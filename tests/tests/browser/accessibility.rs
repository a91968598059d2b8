//! axe-core finds nothing, on any page, in either theme, on a screen of any width.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::on_sqlite;
use crate::site::Site;
use crate::world::World;

const AXE: &str = include_str!("../../vendor/axe-core/axe.min.js");

/// What axe finds on the page: the rule, what it says, and where.
async fn findings(browser: &Browser) -> Vec<String> {
    browser.run(AXE, vec![]).await;
    let script = "const done = arguments[arguments.length - 1];
        axe.run(document, { resultTypes: ['violations'] })
            .then(found => done(found.violations), error => done([{ id: String(error) }]));";
    let found = browser.client().execute_async(script, vec![]).await.unwrap();
    let told = |one: &Value| {
        let nodes = one["nodes"].as_array().into_iter().flatten();
        let places: Vec<String> =
            nodes.map(|node| format!("{} ({})", node["target"], node["failureSummary"])).collect();
        format!("{}: {}\n  {}", one["id"], one["help"], places.join("\n  "))
    };
    found.as_array().unwrap().iter().map(told).collect()
}

async fn all_pages(browser: &Browser, world: &World, what: &str) {
    let mut all = Vec::new();
    for (name, path) in world.pages() {
        browser.go(&path).await;
        browser.see("main h1").await;
        all.extend(findings(browser).await.into_iter().map(|one| format!("{name}, {what}: {one}")));
    }
    assert!(all.is_empty(), "{}", all.join("\n\n"));
}

#[test]
fn axe_finds_nothing_on_light_pages() {
    on_sqlite(async |bench| {
        let world = World::make(&bench).await;
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        browser.prefer("light").await;
        all_pages(&browser, &world, "light").await;
        world.end().await;
    });
}

#[test]
fn axe_finds_nothing_on_dark_pages() {
    on_sqlite(async |bench| {
        let world = World::make(&bench).await;
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        browser.prefer("dark").await;
        all_pages(&browser, &world, "dark").await;
        world.end().await;
    });
}

#[test]
fn axe_finds_nothing_on_a_phone() {
    on_sqlite(async |bench| {
        let world = World::make(&bench).await;
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        browser.resize(390, 844).await;
        all_pages(&browser, &world, "phone").await;
        world.end().await;
    });
}

/// A check of the checks: a fault that is put into a page is found.
#[test]
fn axe_finds_a_fault() {
    on_sqlite(async |bench| {
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        browser.go("/overview").await;
        let script = "document.querySelector('main').append(document.createElement('button'))";
        browser.run(script, vec![json!(null)]).await;
        let found = findings(&browser).await;
        assert!(found.iter().any(|one| one.contains("button-name")), "{found:#?}");
        browser.close().await;
    });
}
