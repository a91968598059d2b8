//! Every page and action, through the router, without a browser.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, State};
use axum::http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use axum::http::{Method, Request, StatusCode};
use jobs_dashboard::{Access, Dashboard};
use jobs_runtime::prelude::*;
use jobs_runtime::{JobState, Storage};
use tower::ServiceExt;

const PAGES: [&str; 12] = [
    "/",
    "/overview",
    "/overview?period=week",
    "/jobs",
    "/jobs?state=failed",
    "/jobs?state=retries",
    "/queues",
    "/throttles",
    "/batches",
    "/recurring",
    "/servers",
    "/kinds",
];

const ACTIONS: [&str; 8] = [
    "/jobs/act",
    "/queues/act",
    "/throttles/act",
    "/recurring/act",
    "/recurring/save",
    "/servers/act",
    "/batches/0199c9a4-7a3c-7d60-8f6b-1d2c3b4a5968/act",
    "/preferences",
];

#[job]
async fn greet(name: String) -> String {
    format!("hello {name}")
}

#[job(backoff = "1h")]
async fn try_again() -> Result<(), jobs_runtime::JobFailure> {
    Err(serde_json::from_str(r#"{"kind":"error","message":"no answer"}"#).unwrap())
}

#[job(retries = 0)]
async fn break_down() -> Result<(), jobs_runtime::JobFailure> {
    Err(serde_json::from_str(r#"{"kind":"error","message":"<b>broken</b>"}"#).unwrap())
}

#[job]
async fn file_it() {}

#[job]
async fn count_up(ctx: JobContext) -> Result<(), jobs_runtime::Error> {
    for number in 0..3 {
        ctx.log(format!("line <{number}>")).await?;
    }
    Ok(())
}

/// Runs until it is told to stop.
#[job]
async fn stay(stop: CancellationToken) {
    stop.cancelled().await;
}

struct Site {
    client: Client,
    app: Router,
    prefix: &'static str,
    cookie: String,
}

struct Answer {
    status: StatusCode,
    location: String,
    cookies: Vec<String>,
    text: String,
}

impl Site {
    async fn at(prefix: &'static str, dress: impl Fn(Dashboard) -> Dashboard) -> Self {
        let storage = Storage::connect("sqlite::memory:").await.unwrap();
        let client = Client::new(storage);
        let router = dress(Dashboard::new(client.clone())).router();
        let app = match prefix {
            "" => router,
            _ => Router::new().nest(prefix, router),
        };
        Self { client, app, prefix, cookie: format!("jobs_session={}", "a".repeat(64)) }
    }

    async fn new() -> Self {
        Self::at("", |dashboard| dashboard).await
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let header = |value: &axum::http::HeaderValue| value.to_str().unwrap().to_owned();
        let location = response.headers().get(LOCATION).map(header).unwrap_or_default();
        let cookies = response.headers().get_all(SET_COOKIE).iter().map(header).collect();
        let status = response.status();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Answer { status, location, cookies, text: String::from_utf8_lossy(&body).into_owned() }
    }

    fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let peer: SocketAddr = "127.0.0.1:5000".parse().unwrap();
        Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.prefix))
            .header(HOST, "localhost:8080")
            .header(COOKIE, &self.cookie)
            .extension(ConnectInfo(peer))
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    async fn token(&self) -> String {
        let page = self.get("/overview").await.text;
        let (_, rest) = page.split_once("name=\"csrf\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    async fn post(&self, path: &str, form: &str) -> Answer {
        let form = format!("csrf={}&{form}", self.token().await);
        self.post_as(path, &form, "http://localhost:8080").await
    }

    async fn post_as(&self, path: &str, form: &str, origin: &str) -> Answer {
        let request = self
            .request(Method::POST, path)
            .header(ORIGIN, origin)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()));
        self.send(request.unwrap()).await
    }

    async fn seen(&self, id: JobId) -> String {
        let placement = self.client.job(id).await.unwrap().unwrap().placement;
        format!("{id}:{}:{}", placement.state, placement.version)
    }

    async fn state(&self, id: JobId) -> JobState {
        self.client.job(id).await.unwrap().unwrap().placement.state
    }
}

/// The message that the next page would show.
fn flash(answer: &Answer) -> String {
    let cookie = answer.cookies.iter().find_map(|cookie| cookie.strip_prefix("jobs_flash="));
    let hex = cookie.unwrap().split(';').next().unwrap().get(1..).unwrap().to_owned();
    let bytes = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16));
    String::from_utf8(bytes.collect::<Result<_, _>>().unwrap()).unwrap()
}

#[tokio::test]
async fn every_page_answers_under_every_prefix() {
    for prefix in ["", "/jobs", "/a/b"] {
        let site = Site::at(prefix, |dashboard| dashboard).await;
        for path in PAGES {
            let path = if path == "/" && !prefix.is_empty() { "" } else { path };
            let page = site.get(path).await;
            assert_eq!(page.status, StatusCode::OK, "{prefix}{path}");
            let links = page.text.split("href=\"").skip(1).map(|rest| rest.split('"').next());
            for link in links.flatten().filter(|link| !link.starts_with('#')) {
                assert!(link.starts_with(&format!("{prefix}/")), "{prefix}{path}: {link}");
            }
        }
        let asset = site.get("/overview").await.text;
        let asset = asset.split("<script defer src=\"").nth(1).unwrap().split('"').next().unwrap();
        let asset = site.get(asset.strip_prefix(prefix).unwrap()).await;
        assert_eq!(asset.status, StatusCode::OK);
        assert_eq!(site.get("/nowhere").await.status, StatusCode::NOT_FOUND);
    }
}

/// A router that is nested has no address with a slash at the end; a service has.
#[tokio::test]
async fn a_slash_at_the_end_makes_no_difference_to_a_service() {
    let mut site = Site::at("/jobs", |dashboard| dashboard).await;
    assert_eq!(site.get("/").await.status, StatusCode::NOT_FOUND);
    let router = Dashboard::new(site.client.clone()).router();
    site.app = Router::new().nest_service("/jobs", router);
    for path in ["", "/"] {
        let page = site.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "/jobs{path}");
        assert!(page.text.contains("href=\"/jobs/queues\""), "/jobs{path}: {}", page.text);
    }
    assert_eq!(site.get("/queues").await.status, StatusCode::OK);
}

#[tokio::test]
async fn no_action_is_done_for_a_form_from_elsewhere() {
    let site = Site::new().await;
    let token = site.token().await;
    let good = format!("csrf={token}");
    for path in ACTIONS {
        for (form, origin) in [
            ("csrf=", "http://localhost:8080"),
            ("csrf=0123", "http://localhost:8080"),
            (good.as_str(), "http://evil.example"),
            (good.as_str(), "null"),
        ] {
            let refused = site.post_as(path, form, origin).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path} {form} {origin}");
        }
    }
}

#[tokio::test]
async fn who_may_only_look_does_nothing() {
    only_looks(Site::at("", Dashboard::read_only).await).await;
    let hook = |dashboard: Dashboard| dashboard.authorize(|_| async { Access::ReadOnly });
    only_looks(Site::at("", hook).await).await;
}

async fn only_looks(site: Site) {
    let job = greet::job("ada").enqueue_with(&site.client).await.unwrap();
    let page = site.get("/jobs?state=enqueued").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text.contains("/jobs/act"), "{}", page.text);
    for path in ACTIONS.iter().filter(|path| **path != "/preferences") {
        assert_eq!(site.post(path, "").await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(site.post("/preferences", "theme=dark").await.status, StatusCode::SEE_OTHER);
    assert_eq!(site.state(job.id()).await, JobState::Enqueued);
}

#[tokio::test]
async fn who_is_not_allowed_sees_nothing() {
    let site = Site::at("", |dashboard| dashboard.authorize(|_| async { Access::None })).await;
    for path in PAGES {
        let refused = site.get(path).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
        assert!(!refused.text.contains("<html"), "{path}");
    }
    let request = Request::builder().uri("/").header(HOST, "localhost").body(Body::empty());
    let refused = Site::new().await.send(request.unwrap()).await;
    assert!(refused.text.contains("into_make_service_with_connect_info"), "{}", refused.text);
}

#[tokio::test]
async fn chosen_jobs_are_deleted_and_those_that_moved_on_are_not() {
    let site = Site::new().await;
    let one = greet::job("one").enqueue_with(&site.client).await.unwrap().id();
    let two = greet::job("two").enqueue_with(&site.client).await.unwrap().id();
    let (one_seen, two_seen) = (site.seen(one).await, site.seen(two).await);
    site.client.reschedule(two, chrono::Utc::now() + Duration::from_secs(60), None).await.unwrap();
    let form = format!("action=delete&job={one_seen}&job={two_seen}&back=/jobs?state=enqueued");
    let done = site.post("/jobs/act", &form).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let said = flash(&done);
    assert!(said.starts_with("1 job was deleted. 1 job had moved on"), "{said}");
    assert_eq!(site.state(one).await, JobState::Deleted);
    assert_eq!(site.state(two).await, JobState::Scheduled);
}

#[tokio::test]
async fn all_that_match_are_requeued() {
    let site = Site::new().await;
    for number in 0..5 {
        let job = greet::job(format!("{number}")).delay(Duration::from_secs(3_600));
        job.enqueue_with(&site.client).await.unwrap();
    }
    let other = break_down::job().delay(Duration::from_secs(3_600));
    other.enqueue_with(&site.client).await.unwrap();
    let done = site.post("/jobs/act", "action=requeue&all=1&state=scheduled&kind=greet").await;
    assert_eq!(flash(&done), "5 jobs were requeued.");
    let counts = site.client.counts().await.unwrap();
    assert_eq!((counts.enqueued, counts.scheduled), (5, 1));
}

#[tokio::test]
async fn a_job_is_enqueued_again_with_other_arguments() {
    let site = Site::new().await;
    let job = greet::job("ada").priority(3).enqueue_with(&site.client).await.unwrap().id();
    let done = site.post(&format!("/jobs/{job}/again"), "args=%7B%22name%22:%22bob%22%7D").await;
    let again = done.location.rsplit('/').next().unwrap().parse().unwrap();
    let record = site.client.job(again).await.unwrap().unwrap();
    assert_eq!((record.args.as_str(), record.priority), (r#"{"name":"bob"}"#, 3));
    let wrong = site.post(&format!("/jobs/{job}/again"), "args=%7B").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn queues_are_paused_resumed_and_emptied() {
    let site = Site::new().await;
    greet::job("ada").enqueue_with(&site.client).await.unwrap();
    site.post("/queues/act", "action=pause&queue=default").await;
    assert!(site.client.queues().await.unwrap()[0].paused);
    site.post("/queues/act", "action=resume&queue=default").await;
    assert!(!site.client.queues().await.unwrap()[0].paused);
    let done = site.post("/queues/act", "action=purge&queue=default").await;
    assert_eq!(flash(&done), "1 job was deleted.");
}

#[tokio::test]
async fn a_schedule_is_added_edited_paused_and_removed() {
    let site = Site::new().await;
    let form = "new=1&id=nightly&kind=greet&queue=default&cron=0+3+*+*+*&tz=UTC&args=%7B%22name%22:%22ada%22%7D";
    assert_eq!(site.post("/recurring/save", form).await.status, StatusCode::SEE_OTHER);
    let wrong = site.post("/recurring/save", "id=x&kind=greet&queue=default&cron=61+*+*+*+*").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let recurring = site.client.recurring();
    assert_eq!(recurring.list().await.unwrap().len(), 1);
    let form = form.replace("0+3", "30+4").replace("new=1&", "");
    site.post("/recurring/save", &form).await;
    site.post("/recurring/act", "action=pause&id=nightly").await;
    let schedule = recurring.list().await.unwrap().remove(0);
    assert_eq!((schedule.cron.as_str(), schedule.paused), ("30 4 * * *", true));
    assert!(site.get("/recurring").await.text.contains("30 4 * * *"));
    assert_eq!(site.get("/recurring/edit?id=nightly").await.status, StatusCode::OK);
    let checked = site.get("/recurring/check?cron=61+*+*+*+*").await.text;
    assert!(checked.contains("problem"), "{checked}");
    site.post("/recurring/act", "action=remove&id=nightly").await;
    assert!(recurring.list().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_schedule_shows_its_past_runs() {
    let site = Site::new().await;
    let form = "new=1&id=nightly&kind=greet&queue=default&cron=0+3+*+*+*&tz=UTC&args=%7B%22name%22:%22ada%22%7D";
    site.post("/recurring/save", form).await;
    assert!(!site.get("/recurring").await.text.contains("class=\"strip\""));
    site.post("/recurring/act", "action=trigger&id=nightly").await;
    let job = site.client.recent(1).await.unwrap().remove(0).id;
    let run = format!("<a class=\"state-enqueued\" href=\"/jobs/{job}\" title=\"Enqueued, ");
    for path in ["/recurring", "/recurring/edit?id=nightly"] {
        let page = site.get(path).await.text;
        assert!(page.contains(&run), "{path}: {page}");
    }
}

#[tokio::test]
async fn a_period_is_said_in_words() {
    let site = Site::new().await;
    for (id, cron) in [("a", "@every+5m"), ("b", "@every+1h+30m"), ("c", "@EVERY+24h")] {
        let form = format!("new=1&id={id}&kind=greet&queue=default&cron={cron}&tz=UTC&args=%7B%7D");
        site.post("/recurring/save", &form).await;
    }
    let page = site.get("/recurring").await.text;
    for words in [">every 5 minutes</p>", ">every 90 minutes</p>", ">every day</p>"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let checked = site.get("/recurring/check?cron=@every+1m").await.text;
    assert!(checked.contains("\"words\":\"every minute\""), "{checked}");
    let request = site.request(Method::GET, "/recurring/edit?id=a");
    let turkish = request.header("accept-language", "tr").body(Body::empty()).unwrap();
    let page = site.send(turkish).await.text;
    assert!(page.contains(">5 dakikada bir</p>"), "{page}");
}

#[tokio::test]
async fn what_comes_from_jobs_is_text_and_nothing_else() {
    let site = Site::new().await;
    let evil = "</code><script>alert(1)</script>\"'\u{202e}\0";
    let job = greet::job(evil).tag("<i>tag").enqueue_with(&site.client).await.unwrap().id();
    for path in ["/jobs".to_owned(), format!("/jobs/{job}"), "/jobs?text=%3Cscript%3E".to_owned()] {
        let page = site.get(&path).await.text;
        assert!(page.contains("alert(1)"), "{path}");
        assert!(!page.contains("<script>") && !page.contains("<i>"), "{path}");
    }
}

#[tokio::test]
async fn pages_tell_what_has_run() {
    let site = Site::new().await;
    let runtime = Runtime::builder(site.client.storage().clone()).start().await.unwrap();
    let client = runtime.client().clone();
    let greeted = greet::job("ada").enqueue_with(&client).await.unwrap();
    let last = file_it::job().after(&greeted).enqueue_with(&client).await.unwrap();
    let broken = break_down::job().enqueue_with(&client).await.unwrap();
    last.wait().await.unwrap();
    broken.wait().await.unwrap_err();
    let page = site.get(&format!("/jobs/{}", broken.id())).await.text;
    assert!(page.contains("&#60;b&#62;broken"), "{page}");
    let page = site.get(&format!("/jobs/{}", greeted.id())).await.text;
    assert!(page.contains("hello ada") && page.contains("id=\"children\""), "{page}");
    let kinds = site.get("/kinds").await.text;
    assert!(kinds.contains("data-kind=\"greet\""), "{kinds}");
    let overview = site.get("/overview").await.text;
    assert!(overview.contains("1 server is up"), "{overview}");
    assert_eq!(client.latest_failures(10).await.unwrap().get("break_down"), Some(&1));
    let ended = client.past_throughput(Duration::from_secs(600)).await.unwrap();
    let sum = ended.iter().fold((0, 0), |sum, span| (sum.0 + span.succeeded, sum.1 + span.failed));
    assert_eq!(sum, (2, 1));
    runtime.shutdown().await.unwrap();
}

#[tokio::test]
async fn what_waits_for_another_attempt_says_why() {
    let site = Site::new().await;
    let runtime = Runtime::builder(site.client.storage().clone()).start().await.unwrap();
    let job = try_again::job().enqueue_with(&site.client).await.unwrap().id();
    greet::job("later").delay(Duration::from_secs(60)).enqueue_with(&site.client).await.unwrap();
    while site.state(job).await != JobState::Scheduled {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    runtime.shutdown().await.unwrap();
    let list = site.get("/jobs?state=retries").await.text;
    assert!(list.contains("no answer") && list.contains("after 1 run"), "{list}");
    assert!(!list.contains("later") && list.contains("<h1>Jobs</h1>"), "{list}");
    let done = site.post("/jobs/act", "action=requeue&all=1&state=retries").await;
    assert_eq!(flash(&done), "1 job was requeued.");
    assert_eq!(site.state(job).await, JobState::Enqueued);
}

#[tokio::test]
async fn a_job_in_hand_shows_its_server() {
    let site = Site::new().await;
    let runtime = Runtime::builder(site.client.storage().clone()).name("ada<1>");
    let runtime = runtime.grace(Duration::ZERO).start().await.unwrap();
    let job = stay::job().enqueue_with(&site.client).await.unwrap().id();
    while site.state(job).await != JobState::Processing {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let queues = site.get("/queues").await.text;
    assert!(queues.contains("class=\"number busy\">1</td>"), "{queues}");
    assert!(queues.contains("class=\"number rate\">0 / min</td>"), "{queues}");
    let form = format!("action=stop&server={}&name=ada", runtime.server_id());
    let stopped = site.post("/servers/act", &form).await;
    assert!(flash(&stopped).contains("is asked to stop"), "{}", flash(&stopped));
    assert!(site.get("/servers").await.text.contains("Stopping"));
    let list = site.get("/jobs?state=processing").await.text;
    assert!(list.contains("class=\"server\">ada&#60;1&#62;</td>"), "{list}");
    let page = site.get(&format!("/jobs/{job}")).await.text;
    assert!(page.contains("<dd id=\"server\">ada&#60;1&#62;</dd>"), "{page}");
    runtime.shutdown().await.unwrap();
    let page = site.get(&format!("/jobs/{job}")).await.text;
    assert!(!page.contains("id=\"server\""), "{page}");
}

#[tokio::test]
async fn kinds_that_no_server_knows_are_told() {
    let site = Site::new().await;
    let lost = || jobs_runtime::NamedJob::new("lost & found", "{}").queue("q");
    lost().enqueue_with(&site.client).await.unwrap();
    lost().enqueue_with(&site.client).await.unwrap();
    let runtime =
        Runtime::builder(site.client.storage().clone()).name("ada").start().await.unwrap();
    let page = site.get("/kinds").await.text;
    let (_, unknown) = page.split_once("id=\"unknown\"").unwrap();
    let (unknown, known) = unknown.split_once("</section>").unwrap();
    assert!(unknown.contains("/jobs?state=enqueued&amp;kind=lost%20%26%20found"), "{unknown}");
    assert!(unknown.contains("<span class=\"number\">2</span>"), "{unknown}");
    assert!(!unknown.contains("greet"), "{unknown}");
    let (_, greet) = known.split_once("data-kind=\"greet\"").unwrap();
    assert!(greet.contains("<li>ada</li>"), "{greet}");
    runtime.shutdown().await.unwrap();
}

#[tokio::test]
async fn only_the_lines_behind_the_last_one_are_sent() {
    let site = Site::new().await;
    let runtime = Runtime::builder(site.client.storage().clone()).start().await.unwrap();
    let job = count_up::job().enqueue_with(runtime.client()).await.unwrap();
    job.wait().await.unwrap();
    runtime.shutdown().await.unwrap();
    let lines = site.client.log_lines(job.id(), None, 10).await.unwrap();
    let page = site.get(&format!("/jobs/{}", job.id())).await.text;
    assert!(page.contains("line &#60;0&#62;") && page.contains("line &#60;2&#62;"), "{page}");
    let log = format!("/jobs/{}/log?after=", job.id());
    let rest = site.get(&format!("{log}{}", lines[1].key)).await.text;
    assert_eq!(rest.matches("<li ").count(), 1, "{rest}");
    assert!(rest.contains("line &#60;2&#62;"), "{rest}");
    assert_eq!(site.get(&format!("{log}x")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let request = site.request(Method::GET, &format!("/jobs/{}", job.id()));
    let refresh = request.header("x-jobs-refresh", "1").body(Body::empty()).unwrap();
    assert!(!site.send(refresh).await.text.contains("line &#60;"));
}

#[tokio::test]
async fn the_look_is_the_visitors_choice() {
    let site = Site::new().await;
    let chosen = site.post("/preferences", "language=tr&theme=dark&back=/queues").await;
    assert_eq!(chosen.location, "/queues");
    let cookies: Vec<&str> =
        chosen.cookies.iter().map(|cookie| cookie.split(';').next().unwrap()).collect();
    let request = site.request(Method::GET, "/queues").header(COOKIE, cookies.join("; "));
    let page = site.send(request.body(Body::empty()).unwrap()).await.text;
    assert!(page.contains("<html lang=\"tr\" data-theme=\"dark\">"), "{page}");
    let away = site.post("/preferences", "theme=dark&back=//evil.example").await;
    assert_eq!(away.location, "/overview");
}

/// As in a program whose own pages share something.
#[tokio::test]
async fn it_can_be_nested_in_a_router_with_another_state() {
    let mut site = Site::at("/jobs", |dashboard| dashboard).await;
    let shown = axum::routing::get(|State(title): State<&'static str>| async move { title });
    let nested = jobs_dashboard::router(site.client.clone());
    site.app = Router::new().route("/jobs/own", shown).nest("/jobs", nested).with_state("shop");
    assert_eq!(site.get("/own").await.text, "shop");
    assert_eq!(site.get("/queues").await.status, StatusCode::OK);
}
