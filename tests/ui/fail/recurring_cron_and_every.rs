use jobs_runtime::recurring;

#[recurring(cron = "0 9 * * *", every = "1h")]
async fn report() {}

fn main() {
    let _ = report::job();
}
