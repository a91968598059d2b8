use jobs_runtime::job;

#[job(retries = "five")]
async fn deliver() {}

fn main() {
    let _ = deliver::job();
}
