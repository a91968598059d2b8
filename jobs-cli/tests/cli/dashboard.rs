//! `jobs dashboard`: a page over HTTP, as long as the program runs.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use jobs_tests::Bench;

use super::jobs::halve;
use super::program::{alone, command};

/// A dashboard that is served; it ends with this.
struct Served {
    child: Child,
    address: String,
}

impl Served {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (_, rest) = line.split_once("http://").unwrap();
        let address = rest.split('/').next().unwrap().to_owned();
        Self { child, address }
    }

    fn get(&self, path: &str, host: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) async fn the_dashboard_is_served(bench: Bench) {
    halve::job(2).tag("seen").enqueue().await.unwrap();
    let dashboard = |args: &[&str]| {
        let mut command = command(&[&["dashboard", "--port", "0"], args].concat());
        command.env("JOBS_DATABASE_URL", bench.place().url());
        command.env("JOBS_SCHEMA", bench.place().schema());
        command
    };
    let (full, read_only) = (dashboard(&["--title", "Shop"]), dashboard(&["--read-only"]));
    let look = move || {
        let served = Served::start(full);
        let page = served.get("/jobs", "localhost");
        assert!(page.starts_with("HTTP/1.1 200") && page.contains("halve"), "{page}");
        assert!(page.contains("Shop") && page.contains("value=\"delete\""), "{page}");
        let foreign = served.get("/jobs", "evil.example");
        assert!(foreign.starts_with("HTTP/1.1 403") && !foreign.contains("halve"), "{foreign}");

        let served = Served::start(read_only);
        let page = served.get("/jobs", "localhost");
        assert!(page.contains("halve") && !page.contains("value=\"delete\""), "{page}");
    };
    tokio::task::spawn_blocking(look).await.unwrap();
}

#[test]
fn other_machines_are_let_in_only_by_request() {
    let said = alone(&["dashboard", "--address", "0.0.0.0", "--port", "0"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains("--anyone"), "{said:?}");
}
