use jobs_runtime::job;

#[job(queue = "mail", retries = 3, queue = "other")]
async fn deliver() {}

fn main() {
    let _ = deliver::job();
}
