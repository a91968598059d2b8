use jobs_runtime::recurring;

#[recurring(cron = "0 9 * * *")]
#[recurring(cron = "0 17 * * *", id = "evening", queue = "reports")]
async fn report() {}

fn main() {
    let _ = report::job();
}
