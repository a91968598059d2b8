use jobs_runtime::recurring;

#[recurring(cron = "0 9 * * *", tz = "Europe/Instanbul")]
async fn report() {}

fn main() {
    let _ = report::job();
}
