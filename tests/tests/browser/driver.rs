//! ChromeDriver, one for each test.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

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

/// How long a browser may take to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// A driver and a fresh profile; with it goes the browser that it has started. All of them are in
/// the process group of the test, so that whoever ends that ends them too.
#[derive(Debug)]
pub(crate) struct Driver {
    child: Child,
    /// Open as long as the driver lives, which would stop if it could not write.
    _out: BufReader<ChildStdout>,
    profile: TempDir,
    port: u16,
    session: Option<String>,
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
            .spawn()
            .unwrap_or_else(|error| {
                panic!("cannot start ChromeDriver ({error}): run `cargo xtask test`, or install it")
            });
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let port = port(&mut out);
        Self { child, _out: out, profile, port, session: None }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Notes the session of the browser that was started.
    pub(crate) fn serves(&mut self, session: Option<String>) {
        self.session = session;
    }

    /// Has the driver end its browser.
    fn close(&self) -> std::io::Result<()> {
        let Some(session) = &self.session else { return Ok(()) };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let host = format!("127.0.0.1:{}", self.port);
        write!(stream, "DELETE /session/{session} HTTP/1.1\r\nHost: {host}\r\n\r\n")?;
        // The answer comes when it has ended.
        stream.read(&mut [0; 64]).map(drop)
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
        // A test that has failed has not closed its browser; after one that has passed, there is
        // no such session any longer.
        let _ = self.close();
        let _ = self.child.kill();
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
