use jobs_runtime::recurring;

#[recurring(cron = "0 9 * * *")]
#[recurring(cron = "0 17 * * *")]
async fn report() {}

fn main() {
    let _ = report::job();
}
