//! The same scenes in a browser that runs no script of any page.

use crate::actions::{Stage, play_each};
use crate::on_sqlite;

play_each!(scripts: false);

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
