use jobs_runtime::job;

#[job(rate_limit(key = "mail", limit = 100, per = "1m", window = "rolling"))]
async fn deliver(email: String) {
    let _ = email;
}

fn main() {
    let _ = deliver::job("ada");
}
