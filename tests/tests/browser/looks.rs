//! Light and dark, narrow and wide; pictures of all pages are left in `target/screenshots`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::browser::Browser;
use crate::on_sqlite;
use crate::site::Site;
use crate::world::World;

/// A phone, a tablet, a desk.
const WIDTHS: [u32; 3] = [390, 820, 1440];

/// Names the folder for the pictures, where they are wanted for more than to look at.
pub(crate) const SCREENSHOTS: &str = "JOBS_TEST_SCREENSHOTS";

/// Where pictures go.
pub(crate) fn pictures() -> PathBuf {
    let set = std::env::var_os(SCREENSHOTS).map(PathBuf::from);
    let folder = set.unwrap_or_else(|| {
        Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("screenshots")
    });
    fs::create_dir_all(&folder).unwrap();
    folder
}

async fn brightness(browser: &Browser) -> f64 {
    let script =
        "const rgb = getComputedStyle(document.documentElement).backgroundColor.match(/[0-9.]+/g);
        return (Number(rgb[0]) + Number(rgb[1]) + Number(rgb[2])) / 3;";
    browser.run(script, vec![]).await.as_f64().unwrap()
}

#[test]
fn pages_are_light_or_dark_as_the_system_wishes() {
    on_sqlite(async |bench| {
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        for (scheme, is_dark) in [("light", false), ("dark", true)] {
            browser.prefer(scheme).await;
            browser.go("/overview").await;
            assert_eq!(brightness(&browser).await < 100.0, is_dark, "{scheme}");
        }
        browser.close().await;
    });
}

#[test]
fn the_theme_can_be_chosen_and_stays() {
    on_sqlite(async |bench| {
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        browser.prefer("light").await;
        browser.go("/jobs").await;
        browser.click("button[name=theme][value=dark]").await;
        browser.see("html[data-theme=dark]").await;
        browser.go("/queues").await;
        assert!(brightness(&browser).await < 100.0);
        browser.prefer("dark").await;
        browser.click("button[name=theme][value=light]").await;
        browser.see("html[data-theme=light]").await;
        assert!(brightness(&browser).await > 150.0);
        browser.close().await;
    });
}

/// Whether all of an element is between the left and the right edge of the window.
async fn is_in_sight(browser: &Browser, css: &str) -> bool {
    let script =
        "const { left, right } = document.querySelector(arguments[0]).getBoundingClientRect();
        return left >= 0 && right <= innerWidth && right > left;";
    browser.run(script, vec![css.into()]).await == true
}

/// A strip is pushed after the page was laid out.
async fn come_in_sight(browser: &Browser, css: &str) {
    browser.until(css, async || is_in_sight(browser, css).await).await;
}

#[test]
fn on_a_phone_what_is_chosen_is_in_sight_and_the_filter_is_folded() {
    on_sqlite(async |bench| {
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        browser.resize(390, 844).await;
        browser.go("/jobs?state=deleted").await;
        come_in_sight(&browser, "#states [aria-current]").await;
        assert!(!is_in_sight(&browser, "#filter input[name=kind]").await);
        browser.click(".fold > summary").await;
        assert!(is_in_sight(&browser, "#filter input[name=kind]").await);
        browser.go("/jobs?kind=send_welcome").await;
        assert!(
            is_in_sight(&browser, "#filter input[name=kind]").await,
            "it says what is left out"
        );
        browser.go("/kinds").await;
        come_in_sight(&browser, ".bar [aria-current]").await;

        browser.resize(1440, 900).await;
        browser.go("/jobs").await;
        assert!(is_in_sight(&browser, "#filter input[name=kind]").await);
        assert!(!is_in_sight(&browser, ".fold > summary").await);
        browser.close().await;
    });
}

fn pictures_of_all_pages(scheme: &'static str) {
    on_sqlite(async |bench| {
        let world = World::make(&bench).await;
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        browser.prefer(scheme).await;
        let folder = pictures();
        let mut too_wide = Vec::new();
        for (name, path) in world.pages() {
            browser.go(&path).await;
            browser.see("main h1").await;
            for width in WIDTHS {
                let picture = browser.picture(width).await;
                fs::write(folder.join(format!("{name}-{width}-{scheme}.png")), picture).unwrap();
                browser.resize(width, 900).await;
                let overhang = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
                let overhang = browser.run(overhang, vec![]).await;
                if overhang != 0 {
                    too_wide.push(format!("{name} at {width} px: by {overhang} px"));
                }
            }
        }
        assert!(too_wide.is_empty(), "pages are wider than their window: {too_wide:#?}");
        world.end().await;
    });
}

#[test]
fn light_pages_fit_every_width() {
    pictures_of_all_pages("light");
}

#[test]
fn dark_pages_fit_every_width() {
    pictures_of_all_pages("dark");
}
