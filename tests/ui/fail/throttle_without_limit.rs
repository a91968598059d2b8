use jobs_runtime::job;

#[job(concurrency(key = "{email}"))]
async fn deliver(email: String) {
    let _ = email;
}

fn main() {
    let _ = deliver::job("ada");
}
