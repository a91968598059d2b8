//! The jobs of a small shop.

use jobs_runtime::prelude::*;
use jobs_tests::Probe;

#[derive(Debug, thiserror::Error)]
#[error("the card was declined")]
struct Declined(#[source] std::io::Error);

/// Succeeds.
#[job(tags = ["mail"])]
pub(crate) async fn send_welcome(to: String) -> String {
    format!("sent to {to}")
}

/// Fails, and is not tried again.
#[job(retries = 0)]
pub(crate) async fn charge_card(order: u32, amount: f64) -> Result<u32, JobError> {
    let _ = amount;
    let timeout = std::io::Error::other(format!("order {order}: no answer from the bank"));
    Err(Declined(timeout).into())
}

/// Fails, and is tried again after an hour.
#[job(retries = 5, backoff = ["1h"])]
pub(crate) async fn sync_stock(shop: String) -> Result<(), JobError> {
    Err(std::io::Error::other(format!("{shop} does not answer")).into())
}

/// Logs and makes progress as far as the test lets it: `begin`, then a gate for each step.
#[job]
pub(crate) async fn import_orders(
    file: String,
    steps: u32,
    ctx: JobContext,
    #[inject] probe: State<Probe>,
) -> Result<u32, JobError> {
    ctx.log(format!("reading {file}")).await?;
    for step in 1..=steps {
        probe.say(&ctx, format!("at {step}"));
        probe.pass(&format!("{file} {step}")).await;
        ctx.log(format!("step {step} of {steps} is done")).await?;
        ctx.progress(step as usize, steps as usize).await?;
    }
    Ok(steps)
}

/// Runs until it is told to stop.
#[job]
pub(crate) async fn watch_folder(
    folder: String,
    ctx: JobContext,
    #[inject] probe: State<Probe>,
) -> Result<(), JobError> {
    probe.say(&ctx, format!("watching {folder}"));
    ctx.cancellation().cancelled().await;
    probe.say(&ctx, "told to stop");
    Err("told to stop".into())
}

/// What a continuation makes of its parent's output.
#[job]
pub(crate) async fn file_receipt(#[from_parent] text: String, folder: &str) -> String {
    format!("{folder}: {text}")
}

/// Has an argument that is not shown.
#[job]
pub(crate) async fn sign_in(user: String, #[redact] password: String) -> usize {
    user.len() + password.len()
}

/// Fails with whatever it is given, logs it, and has it as its tag.
#[job(retries = 0, tags = ["{tag}"])]
pub(crate) async fn repeat_text(
    text: String,
    tag: String,
    ctx: JobContext,
) -> Result<String, JobError> {
    let _ = tag;
    ctx.log(text.clone()).await?;
    Err(text.into())
}
