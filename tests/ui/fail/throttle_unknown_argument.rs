use jobs_runtime::job;

#[job(concurrency(key = "mail", limit = 1, per = "1m"))]
async fn deliver(email: String) {
    let _ = email;
}

fn main() {
    let _ = deliver::job("ada");
}
