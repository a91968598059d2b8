use jobs_runtime::recurring;

#[recurring(cron = "0 9 * * *", id = "daily")]
#[recurring(cron = "0 17 * * *", id = "daily")]
async fn report() {}

fn main() {
    let _ = report::job();
}
