use jobs_runtime::job;

#[job(backoff = linear("5s"))]
async fn deliver() {}

fn main() {
    let _ = deliver::job();
}
