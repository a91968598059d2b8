use jobs_runtime::job;

#[job(timeout = "30 bananas")]
async fn deliver() {}

fn main() {
    let _ = deliver::job();
}
