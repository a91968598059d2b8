use jobs_runtime::job;

#[job(backoff = exponential(base = "1s", jitter = 2.0))]
async fn deliver() {}

fn main() {
    let _ = deliver::job();
}
