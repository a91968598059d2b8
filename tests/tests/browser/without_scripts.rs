//! The same scenes in a browser that runs no script of any page.

use crate::actions::{Stage, scenes};
use crate::on_sqlite;

/// Plays a scene with scripts turned off.
macro_rules! scenes {
    ($($scene:ident,)+) => {
        $(#[test]
        fn $scene() {
            on_sqlite(async |bench| {
                let stage = Stage::set(bench, false).await;
                scenes::$scene(&stage).await;
                assert!(!stage.browser.page_runs_scripts().await);
                stage.strike().await;
            });
        })+
    };
}

scenes! {
    a_job_is_deleted_and_requeued_on_its_page,
    a_scheduled_job_is_run_now,
    a_running_job_is_cancelled,
    a_job_is_enqueued_again_with_other_arguments,
    chosen_jobs_are_deleted_and_requeued,
    chosen_jobs_are_rescheduled,
    all_jobs_that_match_are_acted_on,
    a_queue_is_paused_resumed_and_purged,
    a_throttle_is_limited_and_reset,
    a_batch_is_requeued_and_cancelled,
    a_schedule_is_triggered_paused_resumed_and_removed,
    a_schedule_is_edited,
    a_schedule_is_added,
    a_wrong_schedule_is_refused_with_a_reason,
    a_server_is_paused_and_resumed,
}

#[test]
fn every_page_can_be_read() {
    on_sqlite(async |bench| {
        let stage = Stage::set(bench, false).await;
        for (name, path) in stage.world.pages() {
            stage.browser.go(&path).await;
            stage.browser.see("main h1").await;
            let text = stage.browser.text("main").await.unwrap();
            assert!(text.len() > 60, "{name} says only `{text}`");
        }
        stage.browser.forget_complaints().await;
        stage.browser.go(&format!("/batches/{}", stage.world.batch)).await;
        stage.browser.see_text("main", "charge_card").await;
        // What charts would show.
        stage.browser.go("/overview").await;
        stage.browser.open_details("#past-values").await;
        stage.browser.see_text("#past-values tbody", "UTC").await;
        stage.browser.go("/recurring").await;
        stage.browser.see_text("main", "0 9 * * MON-FRI").await;
        stage.strike().await;
    });
}
