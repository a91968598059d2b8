//! The kinds of job that the tests run.

use std::time::Duration;

use jobs_runtime::prelude::*;
use jobs_tests::Probe;
use serde::{Deserialize, Serialize};

/// What an integration job does.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Action {
    /// Says this, and returns it.
    Say(String),
    /// Fails in every attempt, with this message.
    Fail(String),
    /// Fails in the attempts before this one.
    FailBefore(u32),
    Fatal(String),
    /// Fails for good, by a mark inside an `anyhow::Error` with more context around it.
    FatalInside(String),
    /// Fails for good, by a mark in the chain of sources.
    FatalBeneath(String),
    /// Fails, and wants to be tried again after this.
    RetryAfter(Duration),
    /// Goes to sleep in the first run.
    Snooze(Duration),
    Panic(String),
    /// Says that it has started, and returns when this gate is open.
    Gate(String),
    /// Says that it has started, and never returns.
    Hang,
    /// Says that it has started, returns an error when it is told to stop.
    UntilTold,
    /// Says that it has started, and returns a text when it is told to stop.
    FinishWhenTold,
    /// Returns so many letters.
    Letters(usize),
}

impl Action {
    pub(crate) fn say(text: &str) -> Self {
        Self::Say(text.to_owned())
    }

    pub(crate) fn ok() -> Self {
        Self::say("done")
    }

    pub(crate) fn fail() -> Self {
        Self::Fail("no luck".to_owned())
    }

    pub(crate) fn gate(name: &str) -> Self {
        Self::Gate(name.to_owned())
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Plain(String);

#[derive(Debug, thiserror::Error)]
#[error("order 7 was not saved")]
pub(crate) struct Wrapped(#[source] pub(crate) Box<dyn std::error::Error + Send + Sync>);

/// The job of most tests: it does what its argument says.
#[job]
pub(crate) async fn perform(
    action: Action,
    ctx: JobContext,
    #[inject] probe: State<Probe>,
) -> Result<String, JobError> {
    act(action, &ctx, &probe).await
}

pub(crate) async fn act(
    action: Action,
    ctx: &JobContext,
    probe: &Probe,
) -> Result<String, JobError> {
    let run = probe.begin(ctx);
    let plain = |text: String| Err::<String, _>(Plain(text));
    match action {
        Action::Say(text) => {
            probe.say(ctx, text.clone());
            Ok(text)
        }
        Action::Fail(text) => Err(Wrapped(text.into()).into()),
        Action::FailBefore(attempt) if ctx.attempt() < attempt => {
            Err(Plain(format!("attempt {}", ctx.attempt())).into())
        }
        Action::FailBefore(_) => Ok(format!("attempt {}", ctx.attempt())),
        Action::Fatal(text) => Ok(plain(text).fatal()?),
        Action::FatalInside(text) => {
            let error = anyhow::Error::from(plain(text).fatal().expect_err("an error"));
            Err(error.context("while saving").context("at noon").into())
        }
        Action::FatalBeneath(text) => {
            Err(Wrapped(plain(text).fatal().expect_err("an error").into()).into())
        }
        Action::RetryAfter(delay) => Ok(plain("busy".to_owned()).retry_after(delay)?),
        Action::Snooze(delay) if run == 1 => Err(JobError::snooze(delay)),
        Action::Snooze(_) => Ok(format!("attempt {}", ctx.attempt())),
        Action::Panic(text) => panic!("{text}"),
        Action::Gate(gate) => {
            probe.say(ctx, "started");
            probe.pass(&gate).await;
            Ok(gate)
        }
        Action::Hang => {
            probe.say(ctx, "started");
            std::future::pending().await
        }
        Action::UntilTold => {
            probe.say(ctx, "started");
            ctx.cancellation().cancelled().await;
            probe.say(ctx, "told");
            Err(Plain("told to stop".to_owned()).into())
        }
        Action::FinishWhenTold => {
            probe.say(ctx, "started");
            ctx.cancellation().cancelled().await;
            Ok("finished".to_owned())
        }
        Action::Letters(count) => Ok("x".repeat(count)),
    }
}

/// A blocking job that says that it has started, and returns when the gate is open.
#[job(retries = 1, backoff = "0s")]
pub(crate) fn block(gate: String, ctx: JobContext, #[inject] probe: State<Probe>) -> u32 {
    let run = probe.begin(&ctx);
    probe.say(&ctx, "started");
    probe.pass_blocking(&gate);
    probe.say(&ctx, "returned");
    run
}

#[job(retries = 0)]
pub(crate) fn block_and_panic(message: &str) {
    panic!("{message}");
}

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

/// Declared to run at a time that no test reaches.
#[recurring(cron = "0 0 1 1 *", id = "declared", args(text = "yearly"))]
#[recurring(every = "1s", id = "declared.paused", paused = true, args(text = "often"))]
#[job]
pub(crate) async fn declared(text: String) -> String {
    text
}
