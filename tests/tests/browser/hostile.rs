//! Text from jobs, which may come from anybody.

use jobs_runtime::prelude::*;
use jobs_runtime::{Limits, NamedJob, Retention};
use jobs_tests::Bench;
use serde_json::json;

use crate::browser::Browser;
use crate::kinds::{repeat_text, send_welcome, sign_in};
use crate::on_sqlite;
use crate::site::Site;
use crate::world::{HOUR, WAITING};

/// Would be seen as `window.pwned` if any of it were run, or as an element if it were HTML.
const HOSTILE: &str = "\"'`><script>window.pwned=1</script>\
    <img src=x onerror=window.pwned=1><a href=javascript:window.pwned=1>{{7*7}}\u{202e}\u{0}&lt;";
const SHORT: &str = "\"'><script>window.pwned=1</script><img src=x>&\u{202e}";

async fn plant(bench: &Bench) -> Vec<String> {
    let client = bench.client();
    let failed = repeat_text::job(HOSTILE, SHORT);
    let failed =
        failed.meta("<b>key</b>", HOSTILE).unique(Unique::key(SHORT.to_owned())).enqueue().await;
    let failed = failed.unwrap();
    failed.wait().await.unwrap_err();
    let throttle = Throttle::concurrency(SHORT, 1);
    let throttled = send_welcome::job(HOSTILE).throttle(throttle).enqueue().await.unwrap();
    throttled.wait().await.unwrap();
    let named = NamedJob::new(SHORT, json!({ SHORT: HOSTILE }).to_string());
    let named = named.queue(WAITING).tag(SHORT).enqueue_with(client).await.unwrap();
    let batch = Batch::new(SHORT).description(HOSTILE).add(send_welcome::job(HOSTILE));
    let batch = batch.enqueue().await.unwrap();
    let schedule = RecurringJob::new(SHORT, "0 9 * * *", send_welcome::job(HOSTILE));
    schedule.add_or_update().await.unwrap();
    let hidden = sign_in::job("ada", "open sesame").delay(HOUR).enqueue().await.unwrap();
    vec![
        "/overview".to_owned(),
        "/jobs".to_owned(),
        "/queues".to_owned(),
        "/throttles".to_owned(),
        "/batches".to_owned(),
        format!("/batches/{}", batch.id()),
        "/recurring".to_owned(),
        "/servers".to_owned(),
        "/kinds".to_owned(),
        format!("/jobs/{}", failed.id()),
        format!("/jobs/{}", throttled.id()),
        format!("/jobs/{}", named.id()),
        format!("/jobs/{}", hidden.id()),
    ]
}

async fn assert_harmless(browser: &Browser, page: &str) {
    browser.see("main h1").await;
    let pwned = browser.run("return window.pwned ?? null", vec![]).await;
    assert!(pwned.is_null(), "{page} has run what it shows");
    let planted = browser.count("main script, main img, main a[href^='javascript:']").await;
    assert_eq!(planted, 0, "{page} has made elements of what it shows");
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "{page}: {complaints:#?}");
}

#[test]
fn hostile_text_is_shown_and_not_obeyed() {
    on_sqlite(async |bench| {
        let runtime = bench.runtime().name(SHORT).start().await.unwrap();
        let pages = plant(&bench).await;
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        for page in &pages {
            browser.go(page).await;
            assert_harmless(&browser, page).await;
            let text = browser.text("body").await.unwrap();
            assert!(!text.contains("sesame"), "{page} shows what is redacted");
        }
        for (page, css) in [(&pages[9], "#log"), (&pages[9], "#args"), (&pages[4], "main")] {
            browser.go(page).await;
            browser.see_text(css, "<script>window.pwned=1</script>").await;
        }
        // Asked for instead of stored.
        let query = "%22%27%3E%3Cscript%3Ewindow.pwned%3D1%3C%2Fscript%3E";
        for field in ["kind", "queue", "tag", "text", "state", "from", "after"] {
            browser.go(&format!("/jobs?{field}={query}")).await;
            let pwned = browser.run("return window.pwned ?? null", vec![]).await;
            assert!(pwned.is_null(), "{field}");
            assert_eq!(browser.count("main script").await, 0, "{field}");
        }
        browser.forget_complaints().await;
        browser.close().await;
        runtime.shutdown().await.unwrap();
    });
}

#[test]
fn text_that_runs_from_right_to_left_stays_in_its_place() {
    on_sqlite(async |bench| {
        let job = send_welcome::job("exe.\u{202e}txt").queue(WAITING).enqueue().await.unwrap();
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        browser.go("/jobs").await;
        // What would turn the text after it around is kept inside its own element.
        let script = "const code = document.querySelector('#job-ID td.args code');
            return getComputedStyle(code).unicodeBidi"
            .replace("ID", &job.id().to_string());
        let bidi = browser.run(&script, vec![]).await;
        assert!(
            ["isolate", "plaintext", "isolate-override"].contains(&bidi.as_str().unwrap()),
            "{bidi}"
        );
        browser.close().await;
    });
}

#[test]
fn an_argument_of_a_megabyte_can_be_looked_at() {
    on_sqlite(async |bench| {
        let limits = Limits::default().args(2 << 20);
        let client = Client::with(bench.storage().clone(), limits, Retention::default());
        let large = format!("<b>{}</b>", "x".repeat(1 << 20));
        let job = send_welcome::job(large).queue(WAITING).enqueue_with(&client).await.unwrap();
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        browser.go("/jobs").await;
        browser.see(&format!("#job-{}", job.id())).await;
        let size = browser.run("return document.documentElement.outerHTML.length", vec![]).await;
        assert!(size.as_u64().unwrap() < 100_000, "a list holds all of it: {size}");
        browser.go(&format!("/jobs/{}", job.id())).await;
        browser.see_text("#job-id", &job.id().to_string()).await;
        // Arguments do not change, and are not sent again with what may have.
        let script = "const done = arguments[arguments.length - 1];
            fetch(location.href, { headers: { 'x-jobs-refresh': '1' } })
                .then(answer => answer.text()).then(text => done(text.length));";
        let size = browser.client().execute_async(script, vec![]).await.unwrap();
        assert!(size.as_u64().unwrap() < 100_000, "a refresh holds all of it: {size}");
        let wide = "return document.documentElement.scrollWidth > innerWidth";
        assert_eq!(browser.run(wide, vec![]).await, false);
        browser.close().await;
    });
}
