#![deny(warnings)]

use jobs_runtime::{job, recurring};

/// Kept.
#[job]
#[cfg(any())]
async fn absent(nothing: NoSuchType) {}

#[job]
#[cfg(all())]
async fn present() {}

#[recurring(every = "1h")]
#[deprecated = "only its callers should hear of it"]
#[inline]
#[must_use]
#[jobs_runtime::job]
fn old() -> u32 {
    1
}

#[jobs_runtime::recurring(every = "1h")]
#[::jobs_runtime::job(queue = "x")]
async fn by_path() {}

fn main() {
    let _ = present::job();
    let _ = by_path::job();
}
