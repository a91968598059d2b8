use jobs_runtime::job;

#[job(concurrency(key = "{email}", limit = 0))]
async fn deliver(email: String) {
    let _ = email;
}

fn main() {
    let _ = deliver::job("ada");
}
