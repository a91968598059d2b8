use jobs_runtime::job;

#[job(unique(key = "{email}", states = ["enqueued", "running"]))]
async fn deliver(email: String) {
    let _ = email;
}

fn main() {
    let _ = deliver::job("ada");
}
