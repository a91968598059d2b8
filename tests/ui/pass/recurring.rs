use jobs_runtime::{Job, job, recurring};

#[recurring(cron = "0 9 * * MON-FRI", tz = "Europe/Istanbul", misfire = "once", overlap = "skip")]
async fn morning_report() {}

#[recurring(every = "15m", jitter = "30s", paused = true)]
async fn poll() {}

#[recurring(cron = "0 1 * * *", misfire = "all", overlap = "queue", args(days = 1, folder = "a"))]
#[recurring(cron = "0 2 * * SUN", id = "weekly", misfire = "skip", args(folder = "b", days = DAYS))]
#[job(queue = "reports", retries = 3)]
async fn archive(days: u32, folder: &str) {
    let _ = (days, folder);
}

#[job(queue = "first")]
#[recurring(every = "1h", overlap = "allow")]
async fn either_order() {}

#[recurring(every = "1h", queue = "own", name = "hourly", args = "HourlyArgs", paused)]
#[recurring(every = "2h", id = "slower")]
async fn hourly() {}

const DAYS: u32 = 7;

fn main() {
    let _ = morning_report::job();
    assert_eq!(Archive::QUEUE, "reports");
    assert_eq!(EitherOrder::QUEUE, "first");
    assert_eq!(HourlyArgs::QUEUE, "own");
    assert_eq!(HourlyArgs::NAME, "hourly");
}
