use jobs_runtime::{job, recurring};

#[recurring(every = "1h", queue = "mail")]
#[job(queue = "other")]
async fn deliver() {}

fn main() {
    let _ = deliver::job();
}
