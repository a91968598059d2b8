//! Jobs in every state, a workflow, schedules and limits, and the dashboard that shows them at
//! <http://127.0.0.1:8080/jobs>.
//!
//! ```text
//! cargo run --example dashboard
//! cargo run --example dashboard -- --port 9000 --db postgres://user@localhost/shop
//! ```

use std::net::SocketAddr;

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use jobs_dashboard::Dashboard;
use jobs_runtime::prelude::*;
use jobs_runtime::{NamedJob, Workflow};
use tokio::net::TcpListener;

#[job(queue = "mail", tags = ["customer-{customer}"])]
async fn send_mail(customer: u32, #[redact] token: String) -> String {
    tokio::time::sleep(Duration::from_millis(u64::from(customer % 40))).await;
    format!("sent, by a token of {} bytes", token.len())
}

#[job(retries = 0, tags = ["payments"])]
async fn charge(order: u32) -> anyhow::Result<()> {
    Err(anyhow::anyhow!("connection refused").context(format!("order {order} was not charged")))
}

#[job(retries = 5, backoff = ["10m"])]
async fn fetch_rates(source: String) -> anyhow::Result<()> {
    anyhow::bail!("{source} answers with 503")
}

#[job(queue = "import", timeout = "1h")]
async fn import(rows: usize, ctx: JobContext) -> anyhow::Result<usize> {
    for row in 1..=rows {
        ctx.progress(row, rows).await?;
        if row % 10 == 0 {
            ctx.log(format!("{row} of {rows} rows are in")).await?;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(rows)
}

#[job(concurrency(key = "printer", limit = 1))]
async fn print_label(order: u32) {
    tokio::time::sleep(Duration::from_secs(u64::from(order % 5) + 5)).await;
}

#[job]
async fn take_order(order: u32) -> u32 {
    order
}

#[job]
async fn reserve(order: u32) {
    tokio::time::sleep(Duration::from_secs(u64::from(order % 3) + 2)).await;
}

#[job]
async fn pack() {
    tokio::time::sleep(Duration::from_secs(20)).await;
}

#[job]
async fn ship() {}

#[job]
async fn refund() {}

#[recurring(cron = "0 3 * * mon-fri", tz = "Europe/Istanbul")]
async fn nightly_report() {}

#[recurring(every = "1s", misfire = "skip", overlap = "skip")]
async fn tick() {
    for customer in 0..rand_like(20) {
        let _ = send_mail::enqueue(customer, "secret").await;
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse(std::env::args().skip(1))?;
    let runtime = Runtime::builder(Storage::connect(&options.url).await?)
        .queues(["default", "mail", "import"])
        .start()
        .await?;
    let client = runtime.client().clone();
    fill(&client).await?;

    let dashboard = Dashboard::new(client).title("Shop").router();
    let app =
        Router::new().route("/", get(|| async { Redirect::to("/jobs") })).nest("/jobs", dashboard);
    let listener = TcpListener::bind(("127.0.0.1", options.port)).await?;
    println!("The dashboard is at http://{}/jobs", listener.local_addr()?);
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(axum::serve(listener, service).into_future());

    runtime.run_until_signal().await?;
    Ok(())
}

async fn fill(client: &Client) -> anyhow::Result<()> {
    for order in 0..30 {
        charge::enqueue(order).await?;
        print_label::enqueue(order).await?;
        send_mail::job(order, "secret").delay(Duration::from_secs(3_600)).enqueue().await?;
    }
    fetch_rates::enqueue("bank.example").await?;
    import::enqueue(600).await?;
    let unwanted = send_mail::job(7, "secret").delay(Duration::from_secs(60)).enqueue().await?;
    client.delete(unwanted.id(), None).await?;
    NamedJob::new("written_elsewhere", "{}").queue("legacy").enqueue_with(client).await?;

    let mut flow = Workflow::new("order 1001");
    let taken = flow.add(take_order::job(1001));
    let reserved: Vec<_> = (0..3).map(|part| flow.add(reserve::job(part).after(&taken))).collect();
    let packed = flow.add(pack::job().after(&reserved[0]).after(&reserved[1]).after(&reserved[2]));
    let shipped = flow.add(ship::job().after(&packed));
    flow.add(refund::job().after_failed(&shipped));
    flow.enqueue().await?;
    Batch::new("mails of may")
        .add_all((0..40).map(|n| send_mail::job(n, "secret")))
        .enqueue()
        .await?;
    Ok(())
}

/// Different from second to second, which is all that a picture of load needs.
fn rand_like(most: u32) -> u32 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |now| now.subsec_micros() % most)
}

struct Options {
    url: String,
    port: u16,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut options = Self { url: "sqlite::memory:".to_owned(), port: 8080 };
        while let Some(arg) = args.next() {
            let value = args.next();
            match (arg.as_str(), value) {
                ("--db", Some(url)) => options.url = url,
                ("--port", Some(port)) => options.port = port.parse()?,
                _ => anyhow::bail!("usage: dashboard [--db URL] [--port NUMBER]"),
            }
        }
        Ok(options)
    }
}
