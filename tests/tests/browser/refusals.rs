//! Who is refused: strangers, forged forms, and those who may only look.

use std::collections::HashMap;

use axum::Router;
use axum::extract::connect_info::MockConnectInfo;
use jobs_dashboard::Access;
use jobs_runtime::JobState;
use jobs_tests::Bench;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::browser::Browser;
use crate::on_sqlite;
use crate::site::{Site, dashboard};
use crate::world::World;

/// An answer, as it came.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HashMap<String, String>,
    body: String,
}

/// Sends a request with these headers and nothing else of its own.
async fn ask(site: &Site, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut stream = TcpStream::connect(site.address()).await.unwrap();
    let mut request = format!("{line} HTTP/1.1\r\nConnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        request.push_str("Content-Type: application/x-www-form-urlencoded\r\n");
    }
    request.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let header = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_ascii_lowercase(), value.to_owned())
    };
    Answer { status, headers: lines.map(header).collect(), body: body.to_owned() }
}

/// What a browser that has opened a page of a job would send to delete it.
#[derive(Debug)]
struct Form {
    host: String,
    origin: String,
    cookie: String,
    body: String,
    token: String,
}

async fn form(site: &Site, world: &World) -> Form {
    let host = format!("127.0.0.1:{}", site.address().port());
    let page = ask(site, &format!("GET /jobs/{}", world.enqueued), &[("Host", &host)], "").await;
    assert_eq!(page.status, 200, "{page:?}");
    let value = |name: &str| {
        let (_, rest) = page.body.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let (token, job) = (value("csrf"), value("job"));
    let cookie = page.headers["set-cookie"].split(';').next().unwrap().to_owned();
    let body = format!("csrf={token}&action=delete&job={job}&back=%2Fjobs");
    Form { origin: format!("http://{host}"), host, cookie, body, token }
}

async fn is_untouched(bench: &Bench, world: &World) {
    let state = bench.record(world.enqueued).await.placement.state;
    assert_eq!(state, JobState::Enqueued);
}

#[test]
fn forged_forms_change_nothing() {
    on_sqlite(async |bench| {
        let world = World::make(&bench).await;
        let site = Site::open(&bench).await;
        let Form { host, origin, cookie, body, token } = form(&site, &world).await;
        let other = form(&site, &world).await;
        let host = ("Host", host.as_str());
        let origin = ("Origin", origin.as_str());
        let own = ("Cookie", cookie.as_str());
        let without = body.replace(&format!("csrf={token}&"), "");
        let wrong = body.replace(&token, &token.chars().rev().collect::<String>());
        for (what, headers, body) in [
            ("no token", &[host, origin, own][..], &without),
            ("a wrong token", &[host, origin, own], &wrong),
            ("the token of another visitor", &[host, origin, own], &other.body),
            ("no cookie", &[host, origin], &body),
            ("no origin", &[host, own], &body),
            ("a foreign origin", &[host, own, ("Origin", "http://evil.example")], &body),
            ("an origin that is none", &[host, own, ("Origin", "null")], &body),
            ("the same host, another port", &[host, own, ("Origin", "http://127.0.0.1:1")], &body),
        ] {
            let answer = ask(&site, "POST /jobs/act", headers, body).await;
            assert_eq!(answer.status, 403, "{what}: {answer:?}");
            is_untouched(&bench, &world).await;
        }
        let answer = ask(&site, &format!("GET /jobs/act?{body}"), &[host, own], "").await;
        assert_ne!(answer.status, 303, "{answer:?}");
        is_untouched(&bench, &world).await;
        // All of it together is what a browser sends.
        let answer = ask(&site, "POST /jobs/act", &[host, origin, own], &body).await;
        assert_eq!(answer.status, 303, "{answer:?}");
        assert_eq!(bench.record(world.enqueued).await.placement.state, JobState::Deleted);
        world.end().await;
    });
}

#[test]
fn the_cookie_and_the_pages_are_well_guarded() {
    on_sqlite(async |bench| {
        let site = Site::open(&bench).await;
        let host = format!("127.0.0.1:{}", site.address().port());
        let page = ask(&site, "GET /overview", &[("Host", &host)], "").await;
        let cookie = page.headers["set-cookie"].to_ascii_lowercase();
        assert!(cookie.contains("httponly") && cookie.contains("samesite=strict"), "{cookie}");
        let policy = &page.headers["content-security-policy"];
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(page.headers["x-frame-options"], "DENY");
        assert_eq!(page.headers["x-content-type-options"], "nosniff");
        assert_eq!(page.headers["cache-control"], "no-store");
        assert!(page.headers.contains_key("referrer-policy"));
        for forbidden in ["<script>", " style=\"", " onclick=", "javascript:"] {
            assert!(!page.body.contains(forbidden), "{forbidden}");
        }
    });
}

#[test]
fn strangers_are_refused_and_told_why() {
    on_sqlite(async |bench| {
        let local = Site::open(&bench).await;
        let far = MockConnectInfo(std::net::SocketAddr::from(([192, 0, 2, 7], 1234)));
        for (host, headers) in [
            ("evil.example", &[][..]),
            ("localhost.evil.example", &[]),
            ("localhost", &[("X-Forwarded-For", "192.0.2.7")]),
            ("localhost", &[("Forwarded", "for=192.0.2.7")]),
        ] {
            let headers = [&[("Host", host)][..], headers].concat();
            let answer = ask(&local, "GET /overview", &headers, "").await;
            assert_eq!(answer.status, 403, "{headers:?}: {answer:?}");
            assert!(answer.body.contains("Dashboard::authorize"), "{answer:?}");
        }
        let app: Router = dashboard(&bench).router().layer(far);
        let site = Site::serve_without_addresses(app).await;
        let answer = ask(&site, "GET /overview", &[("Host", "localhost")], "").await;
        assert_eq!(answer.status, 403, "{answer:?}");
        let site = Site::serve_without_addresses(dashboard(&bench).router()).await;
        let answer = ask(&site, "GET /overview", &[("Host", "localhost")], "").await;
        assert_eq!(answer.status, 403, "{answer:?}");
        assert!(answer.body.contains("into_make_service_with_connect_info"), "{answer:?}");
    });
}

#[test]
fn who_may_only_look_sees_all_and_changes_nothing() {
    on_sqlite(async |bench| {
        let world = World::make(&bench).await;
        let full = Site::open(&bench).await;
        let Form { cookie, body, .. } = form(&full, &world).await;
        let site =
            Site::serve(dashboard(&bench).authorize(|_| async { Access::ReadOnly }), "").await;
        let host = format!("127.0.0.1:{}", site.address().port());
        let origin = format!("http://{host}");
        let headers =
            [("Host", host.as_str()), ("Origin", origin.as_str()), ("Cookie", cookie.as_str())];
        for action in ["/jobs/act", "/queues/act", "/recurring/act", "/servers/act"] {
            let answer = ask(&site, &format!("POST {action}"), &headers, &body).await;
            assert_eq!(answer.status, 403, "{action}: {answer:?}");
        }
        is_untouched(&bench, &world).await;

        let browser = Browser::open(&site).await;
        for (name, path) in world.pages() {
            browser.go(&path).await;
            browser.see("main h1").await;
            let send = "main form[method=post] button:not([formmethod=get])";
            assert_eq!(browser.count(send).await, 0, "{name} offers what is not allowed");
            assert_eq!(browser.count("main input[type=checkbox]").await, 0, "{name}");
        }
        browser.forget_complaints().await;
        // How it looks is the visitor's own affair.
        browser.go("/overview").await;
        browser.click("button[name=theme][value=dark]").await;
        browser.see("html[data-theme=dark]").await;
        browser.close().await;
        world.end().await;
    });
}

#[test]
fn who_is_not_authorised_sees_nothing() {
    on_sqlite(async |bench| {
        let world = World::make(&bench).await;
        let decide = |request: axum::http::request::Parts| async move {
            match request.headers.get("x-role").map(|role| role.as_bytes()) {
                Some(b"admin") => Access::Full,
                _ => Access::None,
            }
        };
        let site = Site::serve(dashboard(&bench).authorize(decide), "").await;
        let browser = Browser::open(&site).await;
        for (name, path) in world.pages() {
            browser.go(&path).await;
            let text = browser.text("body").await.unwrap();
            assert!(!text.contains("send_welcome") && text.len() < 200, "{name}: {text}");
        }
        browser.forget_complaints().await;
        let host = format!("127.0.0.1:{}", site.address().port());
        let admin = [("Host", host.as_str()), ("X-Role", "admin")];
        assert_eq!(ask(&site, "GET /overview", &admin, "").await.status, 200);
        browser.close().await;
        world.end().await;
    });
}
