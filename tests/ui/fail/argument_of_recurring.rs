use jobs_runtime::job;

#[job(cron = "0 9 * * *")]
async fn deliver() {}

fn main() {
    let _ = deliver::job();
}
