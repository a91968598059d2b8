//! ChromeDriver, one for each test.

use std::env;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, Stdio};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tempfile::TempDir;

const CHROMIUM: &str = "JOBS_TEST_CHROMIUM";
const CHROMEDRIVER: &str = "JOBS_TEST_CHROMEDRIVER";

/// What a container, which has neither a screen nor much shared memory, needs; and that nothing is
/// loaded that the test did not ask for.
const FLAGS: [&str; 12] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
];

/// A driver and a fresh profile; with it goes every browser that it has started.
#[derive(Debug)]
pub(crate) struct Driver {
    child: Child,
    /// Open as long as the driver lives, which would stop if it could not write.
    _out: BufReader<ChildStdout>,
    profile: TempDir,
    port: u16,
}

impl Driver {
    /// Starts one on a port that it chooses.
    pub(crate) fn start() -> Self {
        let profile = tempfile::Builder::new().prefix("jobs-browser-").tempdir().unwrap();
        let mut child = Command::new(program(CHROMEDRIVER, "chromedriver"))
            .arg("--port=0")
            // Chromium keeps what it does not keep in its profile there.
            .env("HOME", profile.path())
            .env("TMPDIR", profile.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| {
                panic!("cannot start ChromeDriver ({error}): run `cargo xtask test`, or install it")
            });
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let port = port(&mut out);
        Self { child, _out: out, profile, port }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What a browser is started with; `languages` as it asks pages for them.
    pub(crate) fn capabilities(&self, languages: &str) -> serde_json::Map<String, Value> {
        let profile = format!("--user-data-dir={}", self.profile.path().join("profile").display());
        let language = format!("--lang={}", languages.split(',').next().unwrap_or("en"));
        let flags: Vec<&str> = FLAGS.into_iter().chain([profile.as_str(), &language]).collect();
        let Value::Object(capabilities) = json!({
            "browserName": "chrome",
            "goog:chromeOptions": {
                "binary": program(CHROMIUM, "chromium"),
                "args": flags,
                "prefs": { "intl.accept_languages": languages },
            },
            "goog:loggingPrefs": { "browser": "ALL" },
        }) else {
            unreachable!("an object");
        };
        capabilities
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // A test that has failed has not closed its browser.
        let group = Pid::from_raw(self.child.id().cast_signed());
        let _ = killpg(group, Signal::SIGKILL);
        let _ = self.child.wait();
    }
}

fn program(variable: &str, name: &str) -> String {
    env::var(variable).unwrap_or_else(|_| name.to_owned())
}

fn port(out: &mut impl BufRead) -> u16 {
    let mut line = String::new();
    while out.read_line(&mut line).unwrap() > 0 {
        if let Some((_, port)) = line.trim().trim_end_matches('.').split_once("on port ")
            && let Ok(port) = port.parse()
            && port != 0
        {
            return port;
        }
        line.clear();
    }
    panic!("ChromeDriver has ended before it named its port");
}
