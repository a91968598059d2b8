use jobs_runtime::job;

#[job(on_exhausted = "drop")]
async fn deliver() {}

fn main() {
    let _ = deliver::job();
}
