//! The public interface in one page, each statement checked by an assertion: a job with its
//! arguments, injection, retries and uniqueness, a typed continuation, a recurring job with durable
//! steps, a delayed job, a typed result, and an orderly end.
//!
//! ```text
//! cargo run --example api_tour
//! ```

use std::sync::Mutex;

use jobs_runtime::prelude::*;
use jobs_runtime::{JobState, RunEnd};
use serde::{Deserialize, Serialize};

/// Sends the welcome mail.
#[job(
    queue = "mail",
    retries = 5,
    backoff = "100ms",
    timeout = "30s",
    unique(key = "{email}", within = "1h")
)]
async fn send_welcome(
    email: String,
    #[inject] mailer: State<Mailer>,
) -> Result<Receipt, MailError> {
    mailer.send(&email, "Welcome!").await
}

#[job]
async fn file_receipt(#[from_parent] receipt: Receipt, folder: &str) -> anyhow::Result<String> {
    Ok(format!("{folder}/{}.txt", receipt.number))
}

#[recurring(cron = "0 9 * * MON-FRI", tz = "Europe/Istanbul", misfire = "once", overlap = "skip")]
async fn morning_report(ctx: JobContext) -> anyhow::Result<()> {
    let rows = ctx.step("load", load_rows).await?; // durable step
    ctx.progress(rows.len(), rows.len()).await?;
    ctx.log("report sent").await?;
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let storage = Storage::connect("sqlite::memory:").await?; // or sqlite://app.db, postgres://…
    let runtime = Runtime::builder(storage)
        .workers(20)
        .queues(["critical", "mail", "default"])
        .state(Mailer::new())
        .start()
        .await?;
    let client = runtime.client();

    // Fire-and-forget: durable when the call returns.
    let mail = send_welcome::enqueue("ada@example.com").await?;
    assert!(!mail.is_duplicate());

    // Delayed.
    let later = send_welcome::schedule_in(Duration::from_secs(3600), "bob@example.com").await?;
    let stored = client.job(later.id()).await?.expect("a stored job");
    assert_eq!(stored.placement.state, JobState::Scheduled);
    let delay = stored.due_at.expect("a time") - stored.created_at;
    assert!((3_599..=3_601).contains(&delay.num_seconds()), "{delay}");

    // Continuation: what it takes from its parent is checked while compiling.
    let filed = file_receipt::continue_with(&mail, "2026/11").await?;

    // Typed results. The first attempt failed, since the mailer was asleep.
    let receipt: Receipt = mail.wait().await?;
    assert_eq!(receipt, Receipt { number: 1 });
    assert_eq!(filed.wait().await?, "2026/11/1.txt");
    let runs = client.history(mail.id()).await?.runs;
    let ends: Vec<RunEnd> = runs.iter().map(|run| run.end).collect();
    assert_eq!(ends, [RunEnd::Failed, RunEnd::Succeeded]);
    assert_eq!(runs[0].failure.as_ref().map(|failure| failure.message.as_str()), Some("asleep"));

    // Unique by address, for an hour: nothing is stored, and the handle names the first job.
    let again = send_welcome::enqueue("ada@example.com").await?;
    assert!(again.is_duplicate());
    assert_eq!(again.id(), mail.id());

    // Every setting of the attribute can be given for one job.
    let urgent = send_welcome::job("eve@example.com").queue("critical").priority(9).tag("vip");
    let id = urgent.id(); // has its name before it is stored
    assert!(client.job(id).await?.is_none());
    let urgent = urgent.enqueue().await?;
    assert_eq!(urgent.id(), id);
    urgent.wait().await?;

    // The recurring job fires at nine in Istanbul, on working days; once more at request.
    let schedules = RecurringJob::list().await?;
    assert_eq!(schedules.len(), 1);
    assert!(schedules[0].next_at.is_some());
    let report = RecurringJob::trigger("morning_report").await?.expect("a schedule");
    report.wait().await?;
    let stored = client.job(report.id()).await?.expect("a stored job");
    assert_eq!(stored.progress, Some((3, 3)));
    assert_eq!(client.history(report.id()).await?.log[0].text, "report sent");

    // Bob's mail is not wanted any more.
    later.cancel().await?;
    let state = later.state().await?.map(|placement| placement.state);
    assert_eq!(state, Some(JobState::Deleted));

    let counts = client.counts().await?;
    assert_eq!((counts.succeeded, counts.deleted, counts.failed), (4, 1, 0));

    // In a service: `runtime.run_until_signal().await?`, which does this on SIGTERM or Ctrl-C.
    runtime.shutdown().await?;
    println!("the tour is over: all assertions held");
    Ok(())
}

async fn load_rows() -> anyhow::Result<Vec<u32>> {
    Ok(vec![1, 2, 3])
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Receipt {
    number: u32,
}

#[derive(Debug)]
struct MailError(&'static str);

impl std::fmt::Display for MailError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for MailError {}

/// Counts what it has sent; wakes up at the first mail, which it does not send.
struct Mailer {
    sent: Mutex<Option<u32>>,
}

impl Mailer {
    fn new() -> Self {
        Self { sent: Mutex::new(None) }
    }

    async fn send(&self, _to: &str, _subject: &str) -> Result<Receipt, MailError> {
        let mut sent = self.sent.lock().map_err(|_| MailError("broken"))?;
        match &mut *sent {
            None => {
                *sent = Some(0);
                Err(MailError("asleep"))
            }
            Some(sent) => {
                *sent += 1;
                Ok(Receipt { number: *sent })
            }
        }
    }
}
