use jobs_runtime::job;

#[job(rate_limit(key = "mail", limit = 100))]
async fn deliver(email: String) {
    let _ = email;
}

fn main() {
    let _ = deliver::job("ada");
}
