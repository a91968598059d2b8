use jobs_runtime::job;

#[job(priority = 40000)]
async fn deliver() {}

fn main() {
    let _ = deliver::job();
}
