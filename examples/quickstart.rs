//! A small shop: an order is placed, confirmed by mail, and its receipt is filed; a review is asked
//! for later, a report comes every two seconds, a courier is reserved at the third attempt, a
//! price list is printed once although two people ask for it, and a customer cannot be called back:
//! that job has failed, until somebody mends its argument in the dashboard.
//!
//! It stays up until Ctrl-C. Run it twice: the second run first shows what the first has stored.
//!
//! ```text
//! cargo run --example quickstart
//! cargo run --example quickstart -- --once
//! cargo run --example quickstart -- --db postgres://user@localhost/shop
//! ```

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use axum::Router;
use jobs_runtime::prelude::*;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::Notify;

const USAGE: &str = "\
usage: quickstart [--db URL] [--once]

  --db URL   where the jobs are stored: a file, or a URL that begins with sqlite: or postgres:
             (default: jobs-quickstart.db)
  --once     end when the jobs are done, instead of staying up until Ctrl-C";

// What the program keeps in memory, and lends to its jobs.

#[derive(Default)]
struct Shop {
    sold_cents: AtomicU32,
    /// Told of each report.
    reported: Arc<Notify>,
}

struct Mailer {
    sender: &'static str,
}

impl Mailer {
    async fn send(&self, to: &str, subject: &str) -> String {
        tokio::time::sleep(Duration::from_millis(20)).await;
        format!("\"{subject}\" to {to}, from {}", self.sender)
    }
}

// What is stored: the arguments of jobs, and what they return. JSON, by serde.

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Order {
    number: u32,
    email: String,
    article: String,
    cents: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Receipt {
    number: u32,
    email: String,
    total: String,
}

// The jobs.

#[job]
async fn place_order(order: Order, #[inject] shop: State<Shop>) -> Receipt {
    shop.sold_cents.fetch_add(order.cents, Ordering::Relaxed);
    let total = euros(order.cents);
    say("place_order", format!("order {}: {}, {total}", order.number, order.article));
    Receipt { number: order.number, email: order.email, total }
}

/// Starts when the order has been placed, and is handed its receipt.
#[job(queue = "mail")]
async fn confirm_order(#[from_parent] receipt: Receipt, #[inject] mailer: State<Mailer>) {
    let subject = format!("Your order {}", receipt.number);
    say("confirm_order", mailer.send(&receipt.email, &subject).await);
}

#[job]
async fn file_receipt(#[from_parent] receipt: Receipt, folder: &str) -> String {
    let path = format!("{folder}/{}.txt", receipt.number);
    say("file_receipt", format!("{} as {path}", receipt.total));
    path
}

#[job(queue = "mail")]
async fn ask_for_review(email: &str, #[inject] mailer: State<Mailer>) {
    say("ask_for_review", mailer.send(email, "How do you like it?").await);
}

/// Fails twice; the third attempt succeeds.
#[job(retries = 5, backoff = ["300ms", "600ms"])]
async fn reserve_courier(number: u32, ctx: JobContext) -> anyhow::Result<()> {
    let (attempt, most) = (ctx.attempt(), ctx.max_attempts());
    if attempt < 3 {
        say("reserve_courier", format!("attempt {attempt} of {most}: the line is busy"));
        anyhow::bail!("the line is busy");
    }
    say("reserve_courier", format!("attempt {attempt} of {most}: reserved for order {number}"));
    Ok(())
}

/// Another attempt would change nothing, so the first error is the last.
#[job(retries = 0)]
async fn call_back(phone: String) -> anyhow::Result<()> {
    if !phone.starts_with('+') {
        say("call_back", format!("`{phone}` is no number: see it under Failed, and mend it there"));
        anyhow::bail!("`{phone}` is no number: one begins with `+` and a country, as in +90 212 …");
    }
    say("call_back", format!("called {phone}"));
    Ok(())
}

/// While one of these waits or runs, a second for the same season is not stored.
#[job(unique(key = "{season}"))]
async fn print_prices(season: &str) {
    tokio::time::sleep(Duration::from_millis(200)).await;
    say("print_prices", format!("prices for {season}"));
}

#[recurring(every = "2s", misfire = "skip", overlap = "skip")]
async fn report_sales(#[inject] shop: State<Shop>) {
    let sold = euros(shop.sold_cents.load(Ordering::Relaxed));
    say("report_sales", format!("{sold} since the start"));
    shop.reported.notify_one();
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Some(options) = Options::parse(std::env::args().skip(1))? else { return Ok(()) };
    LazyLock::force(&STARTED);

    let storage = Storage::connect(&options.url).await?;
    let place = storage.place();
    println!("Jobs are stored in {place}\n");
    let former = Client::new(storage.clone());
    if former.recent(1).await?.is_empty() {
        println!("Nothing is stored yet: this is the first run.\n");
    } else {
        println!("Stored by former runs:\n");
        print_history(&former).await?;
    }

    let shop = Shop::default();
    let reported = Arc::clone(&shop.reported);
    let runtime = Runtime::builder(storage)
        .state(shop)
        .state(Mailer { sender: "shop@example.com" })
        .start()
        .await?;
    let address = show_dashboard(runtime.client().clone()).await?;
    println!("The dashboard is at http://{address}/jobs for as long as this runs.\n");
    println!("Running:\n");

    let order = Order {
        number: 1001,
        email: "ada@example.com".to_owned(),
        article: "1 teapot".to_owned(),
        cents: 28_90,
    };
    let placed = place_order::enqueue(order).await?;
    let confirmed = confirm_order::continue_with(&placed).await?;
    let filed = file_receipt::continue_with(&placed, "receipts").await?;
    let asked = ask_for_review::schedule_in(Duration::from_secs(2), "ada@example.com").await?;
    let reserved = reserve_courier::enqueue(1001).await?;
    let called = call_back::enqueue("0212 unknown").await?;
    let printed = print_prices::enqueue("winter").await?;
    let again = print_prices::enqueue("winter").await?;
    if again.is_duplicate() {
        say("(main)", "a second print_prices was not stored: the first is not over".to_owned());
    }

    let receipt: Receipt = placed.wait().await?;
    let path: String = filed.wait().await?;
    say("(main)", format!("order {} is placed, its receipt is {path}", receipt.number));
    confirmed.wait().await?;
    printed.wait().await?;
    reserved.wait().await?;
    asked.wait().await?;
    if let Err(error) = called.wait().await {
        say("(main)", format!("nobody is called back: {error}"));
    }

    let client = runtime.client().clone();
    if options.once {
        reported.notified().await;
        runtime.shutdown().await?;
    } else {
        say("(main)", format!("look at all this at http://{address}/jobs; Ctrl-C ends it"));
        runtime.run_until_signal().await?;
    }

    println!("\nStored now:\n");
    print_history(&client).await?;
    println!("Stored in {place}; run this again to see it first.");
    Ok(())
}

/// Serves the dashboard on a port that is free.
async fn show_dashboard(client: Client) -> anyhow::Result<SocketAddr> {
    let app = Router::new().nest("/jobs", jobs_dashboard::router(client));
    let listener = match TcpListener::bind("127.0.0.1:8080").await {
        Ok(listener) => listener,
        Err(_) => TcpListener::bind("127.0.0.1:0").await?,
    };
    let address = listener.local_addr()?;
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(axum::serve(listener, service).into_future());
    Ok(address)
}

/// The newest jobs, a line each, and how many more there are.
async fn print_history(client: &Client) -> anyhow::Result<()> {
    const ROWS: u32 = 20;
    println!("{:<36}  {:<15}  {:<9}  {:>8}  {:>9}", "id", "kind", "state", "attempts", "duration");
    let jobs = client.recent(ROWS).await?;
    for job in &jobs {
        let runs = client.history(job.id).await?.runs;
        let took: Duration = runs.iter().map(|run| run.took).sum();
        println!(
            "{}  {:<15}  {:<9}  {:>8}  {:>6.1} ms",
            job.id,
            job.kind,
            job.placement.state,
            runs.len(),
            took.as_secs_f64() * 1_000.0,
        );
    }
    let counts = client.counts().await?;
    let all = counts.enqueued + counts.scheduled + counts.awaiting + counts.processing;
    let all = all + counts.succeeded + counts.failed + counts.deleted;
    match all.saturating_sub(jobs.len() as u64) {
        0 => println!(),
        older => println!("and {older} older\n"),
    }
    Ok(())
}

static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);

fn say(who: &str, what: String) {
    println!("{:>7.3} s  {who:<15}  {what}", STARTED.elapsed().as_secs_f64());
}

fn euros(cents: u32) -> String {
    format!("{}.{:02} EUR", cents / 100, cents % 100)
}

struct Options {
    url: String,
    once: bool,
}

impl Options {
    /// `None` if only help was asked for.
    fn parse(mut args: impl Iterator<Item = String>) -> anyhow::Result<Option<Self>> {
        let mut options = Self { url: "jobs-quickstart.db".to_owned(), once: false };
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--help" | "-h" => {
                    println!("{USAGE}");
                    return Ok(None);
                }
                "--once" => options.once = true,
                "--db" => match args.next() {
                    Some(url) => options.url = url,
                    None => anyhow::bail!("--db needs a URL\n\n{USAGE}"),
                },
                flag if flag.starts_with('-') => anyhow::bail!("`{flag}` is unknown\n\n{USAGE}"),
                _ => options.url = arg,
            }
        }
        if !options.url.contains(':') {
            options.url = format!("sqlite://{}", options.url);
        }
        Ok(Some(options))
    }
}
