use jobs_runtime::job;

#[job(crate = "jobs_runtime")]
async fn deliver() {}

fn main() {
    let _ = deliver::job();
}
