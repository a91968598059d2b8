use jobs_runtime::{Job, job};

#[job(
    name = "mail.send",
    aliases = ["mail.old", "send_mail"],
    queue = "mail",
    priority = -5,
    retries = 5,
    backoff = "15s",
    retry_if = always,
    on_exhausted = "delete",
    timeout = "30s",
    expires = "1h 30m",
    keep = "7d",
    unique(
        key = "{email}",
        within = "1h",
        states = ["enqueued", "scheduled", "awaiting", "processing", "succeeded", "failed", "deleted"],
        on_conflict = "replace",
    ),
    concurrency(key = "{email}", limit = 1),
    rate_limit(key = "mail", limit = 100, per = "1m", window = "sliding"),
    fair_by = "{email}",
    tags = ["mail", "to:{email}"],
    args = "SendArgs",
    crate = ::jobs_runtime,
)]
async fn send(email: String) -> Result<(), String> {
    let _ = email;
    Ok(())
}

fn always(_: &String) -> bool {
    true
}

fn main() {
    assert_eq!(SendArgs::NAME, "mail.send");
    assert_eq!(SendArgs::ALIASES, ["mail.old", "send_mail"]);
    assert_eq!(SendArgs::QUEUE, "mail");
}
