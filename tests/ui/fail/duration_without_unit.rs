use jobs_runtime::job;

#[job(timeout = 30)]
async fn deliver() {}

fn main() {
    let _ = deliver::job();
}
