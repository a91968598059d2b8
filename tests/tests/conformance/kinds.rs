//! The kinds of job that one subject or two need.

use std::time::Duration;

use jobs_runtime::prelude::*;
use jobs_tests::Probe;

use super::jobs::{Action, Plain, perform};

#[job]
pub(crate) async fn double(n: u32) -> u32 {
    2 * n
}

#[job]
pub(crate) async fn show(#[from_parent] text: String, before: &str) -> String {
    format!("{before}{text}")
}

#[job]
pub(crate) async fn judge(#[from_parent] end: Result<String, JobFailure>) -> String {
    match end {
        Ok(text) => format!("ok: {text}"),
        Err(failure) => format!("err: {failure}"),
    }
}

#[job]
pub(crate) async fn join(#[from_parent] both: (String, u32)) -> String {
    format!("{}{}", both.0, both.1)
}

#[job]
pub(crate) async fn settle(#[from_parent] all: (Result<String, JobFailure>, u32)) -> String {
    format!("{} {}", all.0.is_ok(), all.1)
}

#[job(backoff = ["1h", "3h"])]
pub(crate) async fn fail_by_list() -> Result<(), JobError> {
    Err(Plain("listed".to_owned()).into())
}

#[job(backoff = exponential(base = "1h", cap = "3h", jitter = 0.0))]
pub(crate) async fn fail_by_doubling() -> Result<(), JobError> {
    Err(Plain("doubled".to_owned()).into())
}

#[job(backoff = in_hours)]
pub(crate) async fn fail_by_function() -> Result<(), JobError> {
    Err(Plain("counted".to_owned()).into())
}

fn in_hours(retry: u32) -> Duration {
    Duration::from_secs(3600) * (10 + retry)
}

#[job(retry_if = is_busy)]
pub(crate) async fn fail_if_busy(busy: bool) -> Result<(), Plain> {
    Err(Plain(if busy { "busy" } else { "broken" }.to_owned()))
}

fn is_busy(error: &Plain) -> bool {
    error.0 == "busy"
}

#[job(retries = 0, on_exhausted = "delete")]
pub(crate) async fn fail_and_go() -> Result<(), JobError> {
    Err(Plain("not worth keeping".to_owned()).into())
}

/// Fails in its first run, and has no retry.
#[job(retries = 0)]
pub(crate) async fn fail_once(
    ctx: JobContext,
    #[inject] probe: State<Probe>,
) -> Result<String, Plain> {
    match probe.begin(&ctx) {
        1 => Err(Plain("the first run".to_owned())),
        _ => Ok("the second run".to_owned()),
    }
}

#[job(name = "renamed", aliases = ["former"])]
pub(crate) async fn renamed(text: String) -> String {
    text
}

#[job(name = "grown")]
pub(crate) async fn grown(text: String, #[serde(default)] copies: u32) -> String {
    format!("{text} × {copies}")
}

#[job(queue = "tenant-{tenant}", unique(key = "{tenant}:{number}"), tags = ["t:{tenant}"])]
pub(crate) async fn templated(tenant: &str, number: u32) -> String {
    format!("{tenant}{number}")
}

/// Gives itself these tags.
#[job(retries = 0)]
pub(crate) async fn tag_itself(tags: Vec<String>, ctx: JobContext) -> anyhow::Result<()> {
    for tag in tags {
        ctx.tag(tag).await?;
    }
    Ok(())
}

/// Does a step that must happen once, and fails in its first attempt after it.
#[job(backoff = "0s")]
pub(crate) async fn in_steps(
    ctx: JobContext,
    #[inject] probe: State<Probe>,
) -> anyhow::Result<u32> {
    let first = ctx.step("charge", async || anyhow::Ok(probe.tally("charge"))).await?;
    if ctx.attempt() == 1 {
        anyhow::bail!("after the step");
    }
    let second = ctx.step("mail", async || anyhow::Ok(probe.tally("mail"))).await?;
    Ok(first * 10 + second)
}

/// Stores a step as text in its first attempt, and wants it as a number in the second.
#[job(retries = 1, backoff = "0s")]
pub(crate) async fn with_changed_step(ctx: JobContext) -> anyhow::Result<()> {
    if ctx.attempt() == 1 {
        ctx.step("amount", async || anyhow::Ok("ten".to_owned())).await?;
        anyhow::bail!("once more");
    }
    ctx.step("amount", async || anyhow::Ok(10u32)).await?;
    Ok(())
}

#[job]
pub(crate) async fn with_fatal_step(ctx: JobContext) -> anyhow::Result<()> {
    ctx.step("charge", async || Err::<(), _>(Plain("card refused".to_owned())).fatal()).await?;
    Ok(())
}

/// Reports on its way.
#[job]
pub(crate) async fn report(
    lines: u32,
    ctx: JobContext,
    #[inject] probe: State<Probe>,
) -> anyhow::Result<()> {
    for line in 1..=lines {
        ctx.log(format!("line {line}")).await?;
        ctx.progress(line as usize, lines as usize).await?;
    }
    probe.say(&ctx, "started");
    probe.pass("report").await;
    Ok(())
}

/// Writes what it is given.
#[job(retries = 0)]
pub(crate) async fn write_log(line: String, ctx: JobContext) -> anyhow::Result<()> {
    ctx.log(line).await?;
    Ok(())
}

/// Logs so many lines in its first attempt, which fails, and so many in the second.
#[job(retries = 1, backoff = "0s")]
pub(crate) async fn chatter(first: u32, second: u32, ctx: JobContext) -> anyhow::Result<()> {
    let from = if ctx.attempt() == 1 { 0 } else { first };
    let count = if ctx.attempt() == 1 { first } else { second };
    for line in from..from + count {
        ctx.log(line.to_string()).await?;
    }
    anyhow::ensure!(ctx.attempt() == 2, "once more");
    Ok(())
}

/// Leaves another one like it behind, until there have been enough.
#[job]
pub(crate) async fn keep_on(ctx: JobContext, #[inject] probe: State<Probe>) -> anyhow::Result<()> {
    if probe.count("enough") == 0 {
        keep_on::job().queue(ctx.queue()).enqueue().await?;
        probe.say(&ctx, "more");
    }
    Ok(())
}

/// Its first run waits at the gate `first`, the second one at `second`, and so on; returns the
/// number of the run.
#[job]
pub(crate) async fn numbered(ctx: JobContext, #[inject] probe: State<Probe>) -> u32 {
    let run = probe.begin(&ctx);
    probe.say(&ctx, format!("run {run}"));
    probe.pass(["", "first", "second", "third"][run as usize]).await;
    run
}

/// What is injected beside state.
#[job]
pub(crate) async fn look_around(
    ctx: JobContext,
    token: CancellationToken,
    #[inject] client: Client,
    #[inject] probe: State<Probe>,
) -> anyhow::Result<String> {
    probe.begin(&ctx);
    let own = client.job(ctx.id()).await?.map(|record| record.placement.state.to_string());
    let inner = perform::enqueue(Action::say("inner")).await?;
    anyhow::ensure!(inner.wait().await? == "inner");
    Ok(format!(
        "{} {} {} of {} {:?} {}",
        ctx.kind(),
        ctx.queue(),
        ctx.attempt(),
        ctx.max_attempts(),
        own,
        token.is_cancelled()
    ))
}

/// Declared to run at a time that no test reaches, not even at the end of a year.
#[recurring(every = "36500d", id = "declared", args(text = "rarely"))]
#[recurring(every = "1s", id = "declared.paused", paused = true, args(text = "often"))]
#[job]
pub(crate) async fn declared(text: String) -> String {
    text
}

/// Says that it has started, and returns when the gate is open; one at a time of each ledger.
#[job(concurrency(key = "ledger-{ledger}", limit = 1))]
pub(crate) async fn post(
    ledger: u32,
    gate: String,
    ctx: JobContext,
    #[inject] probe: State<Probe>,
) -> u32 {
    probe.say(&ctx, "started");
    probe.pass(&gate).await;
    ledger
}
