use std::time::Duration;

use jobs_runtime::{Job, Throttle, job};

#[job(
    concurrency(key = "tenant-{tenant}", limit = 3),
    rate_limit(key = "bank", limit = 100, per = "1m", window = "bucket"),
    fair_by = "{tenant}",
)]
async fn pay(tenant: u32, amount: u64) {
    let _ = (tenant, amount);
}

#[job(rate_limit(key = "api", limit = 7, per = "2s"))]
async fn ask() {}

#[job(rate_limit(window = "fixed", key = "api/{page}", limit = 7, per = "1h"))]
fn crawl(page: &str) {
    let _ = page;
}

#[job]
async fn free() {}

fn main() {
    let pay = Pay { tenant: 7, amount: 1 };
    let minute = Duration::from_secs(60);
    let expected = [Throttle::concurrency("tenant-7", 3), Throttle::bucket("bank", 100, minute)];
    assert_eq!(pay.throttles(), expected);
    assert_eq!(pay.fair_by().as_deref(), Some("7"));
    assert_eq!(Ask {}.throttles(), [Throttle::sliding("api", 7, Duration::from_secs(2))]);
    let crawl = Crawl { page: "home".to_owned() };
    assert_eq!(crawl.throttles(), [Throttle::fixed("api/home", 7, 60 * minute)]);
    assert!(Free {}.throttles().is_empty() && Free {}.fair_by().is_none());
}
