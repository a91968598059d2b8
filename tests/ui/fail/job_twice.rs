use jobs_runtime::job;

#[job(queue = "mail")]
#[job(retries = 3)]
async fn deliver() {}

fn main() {
    let _ = deliver::job();
}
