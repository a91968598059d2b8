//! The two pictures in the README: `cargo xtask screenshots`.

use std::env;
use std::fmt::Write;
use std::fs;
use std::ops::Range;
use std::time::Duration;

use chrono::Utc;
use jobs_runtime::prelude::*;
use jobs_tests::Bench;
use tokio::time::sleep;

use crate::browser::Browser;
use crate::kinds::{charge_card, import_orders, send_welcome, sync_stock, watch_folder};
use crate::looks::{SCREENSHOTS, pictures};
use crate::on_sqlite;
use crate::site::{Site, dashboard};
use crate::world::HOUR;

const WIDTH: u32 = 1200;
const HEIGHT: u32 = 720;
const FILE: &str = "orders-2026-11.csv";
/// A span of the history, in seconds.
const SPAN: i64 = 600;

#[test]
fn readme_pictures_are_taken() {
    on_sqlite(async |bench| {
        fill_the_day(&bench).await;
        let server = |storage: &Storage, name: &str| {
            let server = bench.runtime_on(storage.clone()).name(name).grace(Duration::ZERO);
            server.queues(["default", "import", "mail"]).start()
        };
        let second = bench.another_storage().await;
        let servers = [
            server(bench.storage(), "worker-1").await.unwrap(),
            server(&second, "worker-2").await.unwrap(),
        ];
        let job =
            import_orders::job(FILE, 5).queue("import").tag("orders").enqueue().await.unwrap();
        fill_the_lists().await;

        let site = Site::serve(dashboard(&bench).title("Shop"), "").await;
        let browser = Browser::open(&site).await;
        browser.prefer("light").await;
        browser.resize(WIDTH, HEIGHT).await;
        // The README shows a minute of work; to see that it can be shown, a second is enough.
        let ticks = if env::var_os(SCREENSHOTS).is_some() { 80 } else { 2 };
        for step in 1..=3 {
            work(ticks * (step - 1)..ticks * step).await;
            bench.probe().open(&format!("{FILE} {step}"));
        }
        bench.hear("at 4").await;

        browser.go("/overview").await;
        browser.see(".chart canvas").await;
        keep(&browser, "readme-overview.png").await;
        browser.go(&format!("/jobs/{}", job.id())).await;
        browser.see("#progress[value='3']").await;
        keep(&browser, "readme-job.png").await;
        for step in 4..=5 {
            bench.probe().open(&format!("{FILE} {step}"));
        }
        job.wait().await.unwrap();
        browser.close().await;
        for server in servers {
            server.shutdown().await.unwrap();
        }
    });
}

/// The history of a day with less work at night.
async fn fill_the_day(bench: &Bench) {
    let last = Utc::now().timestamp().div_euclid(SPAN) - 1;
    let mut rows = String::new();
    for back in 0..144 {
        let at = (last - back) * SPAN;
        // Minutes from the busiest one, at 14:00.
        let minutes = (at.rem_euclid(86_400) / 60 - 840).abs();
        let noise = (at / SPAN).rem_euclid(97).pow(3) % 97;
        let succeeded = 300 + 4 * noise + (720 - minutes).max(0) * 3;
        let failed = noise / 3 + succeeded / 60;
        let comma = if rows.is_empty() { "" } else { "," };
        write!(rows, "{comma} ({}, {succeeded}, {failed})", at * 1_000_000).unwrap();
    }
    let insert = format!("INSERT INTO {{p}}throughput (at, succeeded, failed) VALUES {rows}");
    bench.own().await.execute(&insert).await;
}

/// Jobs that wait, that will be tried again, and that run.
async fn fill_the_lists() {
    for folder in ["/orders", "/returns"] {
        watch_folder::enqueue(folder).await.unwrap();
    }
    for shop in ["ankara", "izmir", "bursa"] {
        sync_stock::enqueue(shop).await.unwrap();
    }
    for n in 0..26 {
        let to = format!("{n}@example.com");
        send_welcome::job(to).queue("newsletter").delay(HOUR).enqueue().await.unwrap();
    }
    for n in 0..8 {
        send_welcome::job(format!("{n}@example.com")).queue("newsletter").enqueue().await.unwrap();
    }
}

/// Jobs as they come in, four times a second; some of them fail.
async fn work(ticks: Range<u32>) {
    for tick in ticks {
        for n in 0..3 + tick * 7 % 5 {
            let to = format!("{tick}.{n}@example.com");
            send_welcome::job(to).queue("mail").enqueue().await.unwrap();
        }
        if tick * 5 % 7 < 2 {
            charge_card::enqueue(1_000 + tick, 12.5).await.unwrap();
        }
        sleep(Duration::from_millis(250)).await;
    }
}

async fn keep(browser: &Browser, name: &str) {
    let picture = browser.client().screenshot().await.unwrap();
    fs::write(pictures().join(name), picture).unwrap();
}
