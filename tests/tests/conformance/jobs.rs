//! The job that most tests run, and the others by one path.

use std::time::Duration;

use jobs_runtime::prelude::*;
use jobs_tests::Probe;
use serde::{Deserialize, Serialize};

pub(crate) use super::kinds::*;

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
    /// Trips its own token, and fails in its first attempt.
    TripItself,
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
pub(crate) struct Plain(pub(super) String);

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
        Action::TripItself => {
            ctx.cancellation().cancel();
            tokio::task::yield_now().await;
            match ctx.attempt() {
                1 => Err(Plain("tripped".to_owned()).into()),
                _ => Ok("tripped".to_owned()),
            }
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
