//! The two pictures in the README: `cargo xtask screenshots`.

use std::fs;

use crate::browser::Browser;
use crate::kinds::{charge_card, send_welcome};
use crate::looks::pictures;
use crate::on_sqlite;
use crate::site::{Site, dashboard};
use crate::world::{World, import};

const WIDTH: u32 = 1200;
const HEIGHT: u32 = 750;

#[test]
fn readme_pictures_are_taken() {
    on_sqlite(async |bench| {
        let world = World::make(&bench).await;
        let many = (0..400).map(|n| send_welcome::job(format!("{n}@example.com")));
        bench.client().enqueue_all(many).await.unwrap();
        let few = (0..12).map(|n| charge_card::job(100 + n, 20.0));
        bench.client().enqueue_all(few).await.unwrap();
        let job = import("orders-2026-11.csv", 5).await;
        bench.hear("at 1").await;
        for step in 1..=3 {
            bench.probe().open(&format!("orders-2026-11.csv {step}"));
        }
        bench.hear("at 4").await;

        let site = Site::serve(dashboard(&bench).title("Shop"), "").await;
        let browser = Browser::open(&site).await;
        browser.prefer("light").await;
        browser.resize(WIDTH, HEIGHT).await;
        browser.go(&format!("/jobs/{}", job.id())).await;
        browser.see("#progress[value='3']").await;
        keep(&browser, "readme-job.png").await;
        browser.go("/overview").await;
        // Until a figure of the last seconds is there.
        browser
            .until("the successes", async || {
                browser.text("#count-succeeded").await.is_some_and(|count| count.starts_with('4'))
            })
            .await;
        keep(&browser, "readme-overview.png").await;
        for step in 4..=5 {
            bench.probe().open(&format!("orders-2026-11.csv {step}"));
        }
        job.wait().await.unwrap();
        browser.close().await;
        world.end().await;
    });
}

async fn keep(browser: &Browser, name: &str) {
    let picture = browser.client().screenshot().await.unwrap();
    fs::write(pictures().join(name), picture).unwrap();
}
