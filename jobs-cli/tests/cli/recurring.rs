//! Recurring schedules.

use jobs_runtime::prelude::*;
use jobs_tests::Bench;
use serde_json::json;

use super::jobs::halve;
use super::program::jobs;

pub(crate) async fn schedules_are_listed_and_steered(bench: Bench) {
    let schedule = RecurringJob::new("nightly", "30 3 * * *", halve::job(2));
    schedule.tz("Europe/Istanbul").add_or_update().await.unwrap();
    let list = jobs(&bench, &["recurring"]).await.ok();
    assert!(list.contains("30 3 * * *") && list.contains("Europe/Istanbul"), "{list}");
    let listed = jobs(&bench, &["recurring", "list", "--json"]).await.json();
    assert_eq!((&listed[0]["id"], &listed[0]["paused"]), (&json!("nightly"), &json!(false)));

    let said = jobs(&bench, &["recurring", "trigger", "nightly"]).await.ok();
    bench.record(said.trim().parse().unwrap()).await;
    jobs(&bench, &["recurring", "pause", "nightly"]).await.ok();
    assert!(RecurringJob::list().await.unwrap()[0].paused);
    jobs(&bench, &["recurring", "resume", "nightly"]).await.ok();
    assert!(!RecurringJob::list().await.unwrap()[0].paused);
    jobs(&bench, &["recurring", "remove", "nightly"]).await.ok();
    assert!(RecurringJob::list().await.unwrap().is_empty());
    for command in ["trigger", "pause", "resume", "remove"] {
        assert_eq!(jobs(&bench, &["recurring", command, "nightly"]).await.code, 3);
    }
}
