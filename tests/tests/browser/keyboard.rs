//! By keys alone.

use fantoccini::key::Key;

use crate::browser::Browser;
use crate::on_sqlite;
use crate::site::Site;
use crate::world::World;

/// More than any page has.
const MOST_STOPS: usize = 200;

/// Moves the focus by the tabulator until it is where this script says.
async fn tab_to(browser: &Browser, what: &str, is_there: &str) {
    let tab = String::from(char::from(Key::Tab));
    for _ in 0..MOST_STOPS {
        browser.keys(&tab).await;
        let here = format!("const here = document.activeElement; return {is_there}");
        if browser.run(&here, vec![]).await == true {
            return;
        }
    }
    panic!("the focus does not come to {what}");
}

#[test]
fn the_first_stop_leads_past_the_navigation() {
    on_sqlite(async |bench| {
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        browser.go("/jobs").await;
        browser.keys(&String::from(char::from(Key::Tab))).await;
        let first = browser.run("return document.activeElement.hash", vec![]).await;
        assert_eq!(first, "#main");
        browser.keys(&String::from(char::from(Key::Enter))).await;
        browser.keys(&String::from(char::from(Key::Tab))).await;
        let inside = "return document.activeElement.closest('main') !== null";
        assert_eq!(browser.run(inside, vec![]).await, true);
        browser.close().await;
    });
}

#[test]
fn a_job_is_found_chosen_and_deleted() {
    on_sqlite(async |bench| {
        let world = World::make(&bench).await;
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        let enter = String::from(char::from(Key::Enter));
        browser.go("/overview").await;
        tab_to(&browser, "the jobs", "here.pathname?.endsWith('/jobs') === true").await;
        browser.keys(&enter).await;
        browser.see("#filter").await;
        tab_to(&browser, "the kind", "here.name === 'kind'").await;
        browser.keys("send_welcome").await;
        browser.keys(&enter).await;
        browser
            .until("the search", async || browser.path().await.contains("kind=send_welcome"))
            .await;
        let row = format!("#job-{}", world.enqueued);
        browser.see(&row).await;
        tab_to(&browser, "the row", &format!("here.matches('{row} input')")).await;
        browser.keys(" ").await;
        browser.see(&format!("{row} input:checked")).await;
        // The buttons stand before the rows.
        let action = "here.name === 'action' && here.value === 'delete'";
        browser.run("document.querySelector('#filter button').focus()", vec![]).await;
        tab_to(&browser, "the button", action).await;
        browser.keys(&enter).await;
        browser.see_text("#flash", "1").await;
        let record = bench.record(world.enqueued).await;
        assert_eq!(record.placement.state, jobs_runtime::JobState::Deleted);
        browser.close().await;
        world.end().await;
    });
}

#[test]
fn whatever_has_the_focus_is_marked() {
    on_sqlite(async |bench| {
        let world = World::make(&bench).await;
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        let tab = String::from(char::from(Key::Tab));
        let look = "const here = document.activeElement, style = getComputedStyle(here);
            const marked = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
            return [here === document.body, marked, here.outerHTML.slice(0, 120)];";
        for path in ["/overview".to_owned(), "/jobs".to_owned(), format!("/jobs/{}", world.failed)]
        {
            browser.go(&path).await;
            for _ in 0..MOST_STOPS {
                browser.keys(&tab).await;
                let seen = browser.run(look, vec![]).await;
                if seen[0] == true {
                    break;
                }
                assert_eq!(seen[1], true, "{path}: {}", seen[2]);
            }
        }
        browser.close().await;
        world.end().await;
    });
}
