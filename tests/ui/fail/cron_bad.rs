use jobs_runtime::recurring;

#[recurring(cron = "0 25 * * *")]
async fn report() {}

fn main() {
    let _ = report::job();
}
