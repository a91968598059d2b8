use jobs_runtime::job;

#[job(queue = "High Priority")]
async fn deliver() {}

fn main() {
    let _ = deliver::job();
}
