use std::time::Duration;

use jobs_runtime::job;

#[job(backoff = "15s")]
async fn text() {}

#[job(backoff = fixed("5s"))]
async fn fixed() {}

#[job(backoff = ["1s", "5s", "1m 30s"])]
async fn list() {}

#[job(backoff = exponential(base = "1s"))]
async fn doubling() {}

#[job(backoff = exponential(base = "1s", cap = "1h", jitter = 0.2,))]
async fn exponential() {}

#[job(backoff = linear)]
async fn function() {}

#[job(backoff = delays::quadratic)]
async fn path() {}

fn linear(retry: u32) -> Duration {
    Duration::from_secs(retry.into())
}

mod delays {
    pub fn quadratic(retry: u32) -> std::time::Duration {
        std::time::Duration::from_secs(u64::from(retry) * u64::from(retry))
    }
}

fn main() {}
