use jobs_runtime::job;

#[job(queue = "mail" retries = 3)]
async fn deliver() {}

fn main() {
    let _ = deliver::job();
}
