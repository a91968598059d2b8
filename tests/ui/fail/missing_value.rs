use jobs_runtime::job;

#[job(queue, retries = 3)]
async fn deliver() {}

fn main() {
    let _ = deliver::job();
}
