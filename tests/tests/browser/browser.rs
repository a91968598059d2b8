//! A browser as the tests use it: they look for what is on a page, and wait for it.

use std::time::{Duration, Instant};

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::error::{CmdError, ErrorStatus};
use fantoccini::wd::TimeoutConfiguration;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::devtools::{Console, DevTools};
use crate::driver::Driver;
use crate::site::Site;

/// Longer than any page takes on a busy machine, and shorter than the test would be taken to hang.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a page is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// By what the standard names an element in JSON.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser without a window, at one dashboard.
#[derive(Debug)]
pub(crate) struct Browser {
    client: Client,
    /// After the client: it serves it to the end.
    _driver: Driver,
    base: String,
}

impl Browser {
    /// An English browser with a wide window.
    pub(crate) async fn open(site: &Site) -> Self {
        Self::speaking(site, "en").await
    }

    /// A browser whose user wants these languages.
    pub(crate) async fn speaking(site: &Site, languages: &str) -> Self {
        let mut driver = tokio::task::spawn_blocking(Driver::start).await.unwrap();
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(driver.capabilities(languages));
        let client = builder.connect(&driver.url()).await.expect("a browser");
        driver.serves(client.session_id().await.unwrap());
        let patience = TimeoutConfiguration::new(Some(PATIENCE), Some(PATIENCE), None);
        client.update_timeouts(patience).await.unwrap();
        let browser = Self { client, _driver: driver, base: site.url("") };
        browser.resize(1440, 900).await;
        browser
    }

    /// Closes it; before, the console must not have been told of any fault.
    pub(crate) async fn close(self) {
        let complaints = self.complaints().await;
        assert!(complaints.is_empty(), "the console says: {complaints:#?}");
        self.client.close().await.unwrap();
    }

    /// The driver, for what is not here.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Goes to a page, by the dashboard's own path.
    pub(crate) async fn go(&self, path: &str) {
        self.go_to(&format!("{}{path}", self.base)).await;
    }

    pub(crate) async fn go_to(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    /// Where it is: the dashboard's own path, with the query.
    pub(crate) async fn path(&self) -> String {
        let url = self.client.current_url().await.unwrap().to_string();
        url.strip_prefix(&self.base).map_or(url.clone(), str::to_owned)
    }

    /// Waits until this is so.
    pub(crate) async fn until(&self, what: &str, is_so: impl AsyncFn() -> bool) {
        let since = Instant::now();
        while !is_so().await {
            if since.elapsed() > PATIENCE {
                let body = self.text("body").await.unwrap_or_default();
                panic!("{what} does not come; {} says:\n{body}", self.path().await);
            }
            sleep(LOOK).await;
        }
    }

    /// Waits until there is such an element.
    pub(crate) async fn see(&self, css: &str) {
        self.until(css, async || self.count(css).await > 0).await;
    }

    /// Waits until there is no such element any longer.
    pub(crate) async fn miss(&self, css: &str) {
        self.until(&format!("the end of {css}"), async || self.count(css).await == 0).await;
    }

    /// Waits until an element shows this text.
    pub(crate) async fn see_text(&self, css: &str, text: &str) {
        let shows = async || self.text(css).await.is_some_and(|shown| shown.contains(text));
        self.until(&format!("`{text}` in {css}"), shows).await;
    }

    /// How many such elements there are.
    pub(crate) async fn count(&self, css: &str) -> usize {
        self.client.find_all(Locator::Css(css)).await.unwrap().len()
    }

    /// What an element shows; `None` if it is not there.
    pub(crate) async fn text(&self, css: &str) -> Option<String> {
        settled(async || self.client.find(Locator::Css(css)).await?.text().await).await
    }

    /// What all such elements show.
    pub(crate) async fn texts(&self, css: &str) -> Vec<String> {
        let read = async || {
            let mut texts = Vec::new();
            for element in self.client.find_all(Locator::Css(css)).await? {
                texts.push(element.text().await?);
            }
            Ok(texts)
        };
        settled(read).await.unwrap_or_default()
    }

    pub(crate) async fn attr(&self, css: &str, name: &str) -> Option<String> {
        settled(async || self.client.find(Locator::Css(css)).await?.attr(name).await)
            .await
            .flatten()
    }

    /// Clicks on an element, once it is there.
    pub(crate) async fn click(&self, css: &str) {
        self.see(css).await;
        let click = async || self.client.find(Locator::Css(css)).await?.click().await;
        assert!(settled(click).await.is_some(), "{css} went away before it was clicked on");
    }

    /// Clicks on a button or link by what it says, somewhere inside an element.
    pub(crate) async fn press(&self, inside: &str, text: &str) {
        let script = "const [inside, text] = arguments;
            for (const scope of document.querySelectorAll(inside)) {
                for (const one of scope.querySelectorAll('button, a, summary')) {
                    if (one.textContent.trim() === text) { return one; }
                }
            }
            return null;";
        let press = async || {
            let found = self.client.execute(script, vec![json!(inside), json!(text)]).await?;
            let Some(element) = self.element(&found) else { return Ok(false) };
            element.click().await?;
            Ok(true)
        };
        self.until(&format!("`{text}` in {inside}"), async || {
            settled(&press).await.unwrap_or_default()
        })
        .await;
    }

    /// Presses the button of an action (`name="action"`) that stands in the smallest part of the
    /// page that holds this text; opens what it is folded into.
    pub(crate) async fn act(&self, near: &str, action: &str) {
        const FIND: &str = "const [near, action] = arguments;
            const parts = ['form', 'tr', 'li', 'article', 'section', 'main'];
            const buttons = [...document.querySelectorAll('main button[name=action]')]
                .filter(button => button.value === action);
            for (const part of parts) {
                for (const button of buttons) {
                    const around = button.closest(part);
                    if (around && (around.textContent.includes(near)
                        || around.querySelector(`input[value=\"${CSS.escape(near)}\"]`))) {
                        return button;
                    }
                }
            }
            return null;";
        const FOLDED: &str = "return arguments[0].closest('details:not([open])')
            ?.querySelector('summary') ?? null";
        let press = async || {
            let found = self.client.execute(FIND, vec![json!(near), json!(action)]).await?;
            let Some(button) = self.element(&found) else { return Ok(false) };
            let folded = self.client.execute(FOLDED, vec![found]).await?;
            if let Some(summary) = self.element(&folded) {
                summary.click().await?;
            }
            button.click().await?;
            Ok(true)
        };
        self.until(&format!("the action {action} of {near}"), async || {
            settled(&press).await.unwrap_or_default()
        })
        .await;
    }

    /// What a script has found.
    fn element(&self, found: &Value) -> Option<Element> {
        let id = found[ELEMENT].as_str()?.to_owned();
        Some(Element::from_element_id(self.client.clone(), id.into()))
    }

    /// Unfolds what is folded.
    pub(crate) async fn open_details(&self, css: &str) {
        self.see(css).await;
        if self.count(&format!("{css}[open]")).await == 0 {
            self.click(&format!("{css} > summary")).await;
        }
    }

    /// Writes into a field in the place of what is there.
    pub(crate) async fn fill(&self, css: &str, text: &str) {
        self.see(css).await;
        let field = self.client.find(Locator::Css(css)).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Sets a field to a value that cannot be written by keys in the same way everywhere.
    pub(crate) async fn set(&self, css: &str, value: &str) {
        self.see(css).await;
        self.run(
            "const [css, value] = arguments; document.querySelector(css).value = value;",
            vec![json!(css), json!(value)],
        )
        .await;
    }

    /// Presses keys, where the focus is.
    pub(crate) async fn keys(&self, keys: &str) {
        // To the window and not to an element: a page may just be replacing that.
        let keyboard = KeyActions::new("keyboard".to_owned());
        let keyboard = keys.chars().fold(keyboard, |keyboard, value| {
            keyboard.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        });
        self.client.perform_actions(keyboard).await.unwrap();
    }

    /// Runs a script, and gives what it returns.
    pub(crate) async fn run(&self, script: &str, args: Vec<Value>) -> Value {
        self.client.execute(script, args).await.unwrap()
    }

    pub(crate) async fn devtools(&self, command: &'static str, params: Value) -> Value {
        self.client.issue_cmd(DevTools { command, params }).await.unwrap()
    }

    /// Gives the page a window of this size, as a phone would; a window is never so narrow.
    pub(crate) async fn resize(&self, width: u32, height: u32) {
        let size = json!({
            "width": width,
            "height": height,
            "deviceScaleFactor": 1,
            "mobile": width < 600,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Has the system wish for light or dark.
    pub(crate) async fn prefer(&self, scheme: &str) {
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    /// Has the browser run no script of any page; those of the test run all the same.
    pub(crate) async fn turn_scripts_off(&self) {
        self.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
    }

    /// Whether the page has run its scripts: they unhide what is of no use without them.
    pub(crate) async fn page_runs_scripts(&self) -> bool {
        self.go("/jobs").await;
        self.count("[data-choose-all]:not([hidden])").await > 0
    }

    /// Tells the page that nobody looks at it, or that somebody does again.
    pub(crate) async fn hide(&self, hidden: bool) {
        let script = "const [hidden] = arguments;
            Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
            document.dispatchEvent(new Event('visibilitychange'));";
        self.run(script, vec![json!(hidden)]).await;
    }

    /// Leaves out of account what the console was told: a test has asked for faults.
    pub(crate) async fn forget_complaints(&self) {
        drop(self.complaints().await);
    }

    /// What the console has been told of faults: scripts that fail, what a policy forbids, files
    /// that are not there.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let entries = self.client.issue_cmd(Console).await.unwrap();
        let of_fault = |entry: &Value| {
            let is_fault = entry["level"] == "SEVERE" || entry["level"] == "WARNING";
            is_fault.then(|| entry["message"].as_str().unwrap_or_default().to_owned())
        };
        entries.as_array().into_iter().flatten().filter_map(of_fault).collect()
    }

    /// A picture of a page in a window of this width: all of it, up to a height that one still
    /// looks at.
    pub(crate) async fn picture(&self, width: u32) -> Vec<u8> {
        self.resize(width, 900).await;
        let height = self.run("return document.documentElement.scrollHeight", vec![]).await;
        let height = u32::try_from(height.as_u64().unwrap()).unwrap();
        self.resize(width, height.clamp(900, 4_000)).await;
        let picture = self.client.screenshot().await.unwrap();
        self.resize(1440, 900).await;
        picture
    }
}

/// Tries again as long as the page replaces what is looked at; `None` if it is not there.
async fn settled<T>(look: impl AsyncFn() -> Result<T, CmdError>) -> Option<T> {
    let since = Instant::now();
    loop {
        match look().await {
            Ok(value) => return Some(value),
            Err(CmdError::Standard(error)) => match error.error {
                ErrorStatus::NoSuchElement => return None,
                ErrorStatus::StaleElementReference | ErrorStatus::ElementClickIntercepted
                    if since.elapsed() < PATIENCE => {}
                _ => panic!("{error:?}"),
            },
            Err(error) => panic!("{error:?}"),
        }
        sleep(LOOK).await;
    }
}
