//! Bad input: each gets an error that names the value, and stores nothing.

use std::time::Duration;

use jobs_runtime::{
    Backoff, Client, Error, Limits, RecurringJob, Retention, Storage, StorageOptions, Unique,
};
use jobs_tests::Bench;

use super::jobs::{Action, perform};
use super::times::{HOUR, SECOND};

async fn nothing_is_stored(bench: &Bench) {
    assert_eq!(bench.client().counts().await.unwrap(), jobs_runtime::Counts::default());
}

/// What the error says about the value.
fn names(error: Error, parts: &[&str]) {
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
}

pub(crate) async fn a_bad_queue_name_is_refused(bench: Bench) {
    for queue in ["", "Mail", "mail box", "größe", "a;drop", &"q".repeat(51)] {
        let error = perform::job(Action::ok()).queue(queue).enqueue().await.unwrap_err();
        assert!(matches!(error, Error::InvalidQueue { .. }), "{error}");
        names(error, &[queue, "1 to 50"]);
        names(bench.client().pause_queue(queue).await.unwrap_err(), &[queue]);
        names(bench.client().resume_queue(queue).await.unwrap_err(), &[queue]);
        names(bench.runtime().queues([queue]).start().await.unwrap_err(), &[queue]);
        names(bench.runtime().queue_limit(queue, 1).start().await.unwrap_err(), &[queue]);
    }
    let longest = "q".repeat(50);
    perform::job(Action::ok()).queue(&longest).enqueue().await.unwrap().cancel().await.unwrap();
    assert_eq!(bench.client().counts().await.unwrap().enqueued, 0);
}

pub(crate) async fn arguments_over_the_limit_are_refused(bench: Bench) {
    let text = "x".repeat(1024 * 1024);
    let error = perform::enqueue(Action::say(&text)).await.unwrap_err();
    assert!(matches!(error, Error::ArgsTooLarge { .. }), "{error}");
    names(error, &["perform", "1048597 bytes", "1048576 bytes"]);
    nothing_is_stored(&bench).await;

    let larger = Limits::default().args(2 * 1024 * 1024);
    let client = Client::with(bench.storage().clone(), larger, Retention::default());
    let job = perform::job(Action::say(&text)).enqueue_with(&client).await.unwrap();
    assert_eq!(bench.record(job.id()).await.args.len(), 1_048_597);
}

pub(crate) async fn a_bad_tag_or_too_many_are_refused(bench: Bench) {
    let long = "t".repeat(51);
    for tag in ["", long.as_str()] {
        let error = perform::job(Action::ok()).tag(tag).enqueue().await.unwrap_err();
        names(error, &[tag, "1 to 50"]);
    }
    let mut request = perform::job(Action::ok());
    for n in 0..21 {
        request = request.tag(n.to_string());
    }
    names(request.enqueue().await.unwrap_err(), &["21", "20"]);
    nothing_is_stored(&bench).await;
}

pub(crate) async fn a_bad_unique_key_is_refused(bench: Bench) {
    for key in [String::new(), "k".repeat(201)] {
        let request = perform::job(Action::ok()).unique(Unique::key(key.clone()));
        names(request.enqueue().await.unwrap_err(), &[&key, "200"]);
    }
    nothing_is_stored(&bench).await;
    let longest = perform::job(Action::ok()).unique(Unique::key("k".repeat(200)));
    longest.enqueue().await.unwrap();
}

pub(crate) async fn a_backoff_that_cannot_be_stored_is_refused(bench: Bench) {
    let request = perform::job(Action::ok()).backoff(Backoff::Function(|_| Duration::ZERO));
    names(request.enqueue().await.unwrap_err(), &["perform", "function"]);
    nothing_is_stored(&bench).await;
}

pub(crate) async fn hostile_text_is_stored_as_it_is(bench: Bench) {
    let _runtime = bench.start().await;
    for text in ["'; DROP TABLE job; --", "\\", "\"", "💥 größe 汉字", "{p}", "$1", "\u{1}\u{7f}"]
    {
        let job = perform::enqueue(Action::say(text)).await.unwrap();
        assert_eq!(job.wait().await.unwrap(), text);
    }
}

pub(crate) async fn a_null_character_harms_nobody_else(bench: Bench) {
    let _runtime = bench.start().await;
    let nul = perform::enqueue(Action::say("a\0b")).await.unwrap();
    let other = perform::enqueue(Action::ok()).await.unwrap();
    assert_eq!(other.wait().await.unwrap(), "done");
    assert_eq!(nul.wait().await.unwrap(), "a\0b");
    let unique = perform::job(Action::ok()).unique(Unique::key("a\0b".to_owned()));
    let error = unique.enqueue().await.unwrap_err();
    assert!(matches!(error, Error::InvalidUniqueKey { .. }), "{error}");
    let tagged = perform::job(Action::ok()).tag("a\0b").meta("a\0b", "a\0b").enqueue().await;
    assert_eq!(tagged.unwrap().wait().await.unwrap(), "done");
}

pub(crate) async fn a_message_with_a_null_character_still_fails_its_job(bench: Bench) {
    let _runtime = bench.start().await;
    let job = perform::job(Action::Fail("a\0b".to_owned())).retries(0).enqueue().await.unwrap();
    let error = job.wait().await.unwrap_err().to_string();
    assert!(error.contains("a\0b"), "{error:?}");
}

pub(crate) async fn far_times_are_stored_or_refused_but_harm_nobody(bench: Bench) {
    let _runtime = bench.start().await;
    let far = [
        perform::schedule_in(Duration::MAX, Action::ok()).await,
        perform::schedule_at(chrono::DateTime::<chrono::Utc>::MAX_UTC, Action::ok()).await,
        perform::job(Action::Hang).timeout(Duration::MAX).delay(HOUR).enqueue().await,
        perform::job(Action::ok()).expires(Duration::MAX).enqueue().await,
    ];
    assert!(far[3].as_ref().unwrap().wait().await.is_ok());
    assert!(far[2].is_ok());
    let past = chrono::DateTime::<chrono::Utc>::MIN_UTC;
    let past = perform::schedule_at(past, Action::ok()).await.unwrap();
    assert_eq!(past.wait().await.unwrap(), "done");
}

pub(crate) async fn a_bad_schema_name_is_refused(bench: Bench) {
    for schema in ["", "2jobs", "Jobs", "jobs;drop", "jo\"bs", "jobs.x", &"a".repeat(41)] {
        let error = bench.place().options().schema(schema).connect().await.unwrap_err();
        names(error, &[&format!("`{schema}`"), "40 at most"]);
    }
}

pub(crate) async fn a_bad_url_is_refused(bench: Bench) {
    drop(bench);
    for (url, part) in [
        ("", "none of"),
        ("app.db", "none of"),
        ("mysql://localhost", "no database"),
        ("sqlite://", "no file"),
        ("sqlite://app.db?mode=ro", "only read"),
        ("sqlite://app.db?immutable=true", "only read"),
    ] {
        let error = Storage::connect(url).await.unwrap_err();
        names(error, &[url, part]);
    }
    let error = Storage::connect("oracle://scott:tiger@host/db").await.unwrap_err().to_string();
    assert!(!error.contains("tiger"), "{error}");
    for scheme in ["postgres", "mysql"] {
        let unreachable = format!("{scheme}://scott:tiger@127.0.0.1:1/db");
        let error = Storage::connect(&unreachable).await.unwrap_err().to_string();
        assert!(error.contains("127.0.0.1:1/db") && !error.contains("tiger"), "{error}");
    }
    let error = StorageOptions::new("sqlite::memory:").max_connections(0).connect().await;
    names(error.unwrap_err(), &["0 connections"]);
}

pub(crate) async fn bad_settings_of_a_runtime_are_refused(bench: Bench) {
    names(bench.runtime().workers(0).start().await.unwrap_err(), &["0 workers", "10000"]);
    names(bench.runtime().workers(10_001).start().await.unwrap_err(), &["10001 workers"]);
    let hasty = bench.runtime().heartbeat_every(SECOND).dead_after(SECOND);
    names(hasty.start().await.unwrap_err(), &["1s", "twice"]);
    let never = bench.runtime().heartbeat_every(Duration::MAX).dead_after(SECOND);
    names(never.start().await.unwrap_err(), &["1s", "twice"]);
    for (runtime, name) in [
        (bench.runtime().poll_every(Duration::ZERO), "`poll_every`"),
        (bench.runtime().heartbeat_every(Duration::ZERO), "`heartbeat_every`"),
        (bench.runtime().sweep_every(Duration::ZERO), "`sweep_every`"),
    ] {
        names(runtime.start().await.unwrap_err(), &[name, "zero"]);
    }
    names(bench.runtime().queues([""; 0]).start().await.unwrap_err(), &["no queue"]);
    let weights = [("first", 1), ("last", 0)];
    names(bench.runtime().weighted_queues(weights).start().await.unwrap_err(), &["`last`", "0"]);
}

pub(crate) async fn a_bad_schedule_is_refused_by_its_field(bench: Bench) {
    for (cron, parts) in [
        ("61 * * * *", ["minute", "61"]),
        ("* 25 * * *", ["hour", "25"]),
        ("* * * * FRY", ["week", "FRY"]),
        ("* * *", ["3 fields", "five"]),
        ("@every 0s", ["@every", "0s"]),
    ] {
        let schedule = RecurringJob::new("nightly", cron, perform::job(Action::ok()));
        let error = schedule.add_or_update().await.unwrap_err();
        assert!(matches!(&error, Error::InvalidSchedule { id, .. } if id == "nightly"), "{error}");
        names(error, &parts);
    }
    let schedule = RecurringJob::new("nightly", "* * * * *", perform::job(Action::ok()));
    let error = schedule.clone().tz("Europe/Istambul").add_or_update().await.unwrap_err();
    names(error, &["nightly", "Europe/Istambul"]);
    for id in ["", &"i".repeat(201)] {
        let schedule = RecurringJob::new(id, "* * * * *", perform::job(Action::ok()));
        names(schedule.add_or_update().await.unwrap_err(), &[id, "200"]);
    }
    let parent = perform::enqueue(Action::ok()).await.unwrap();
    for (request, part) in [
        (perform::job(Action::ok()).unique(Unique::key("k".to_owned())), "`overlap`"),
        (perform::job(Action::ok()).delay(SECOND), "delay"),
        (perform::job(Action::ok()).after(&parent), "parents"),
    ] {
        let error = RecurringJob::new("nightly", "* * * * *", request).add_or_update().await;
        names(error.unwrap_err(), &["nightly", part]);
    }
    assert!(RecurringJob::list().await.unwrap().is_empty());
    drop(bench);
}

pub(crate) async fn what_is_asked_of_a_closed_storage_is_told_so(bench: Bench) {
    let closed = bench.another_storage().await;
    closed.close().await;
    let client = Client::new(closed);
    names(perform::job(Action::ok()).enqueue_with(&client).await.unwrap_err(), &["was closed"]);
    names(client.counts().await.unwrap_err(), &["was closed"]);
}
