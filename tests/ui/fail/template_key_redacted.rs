use jobs_runtime::job;

#[job(tags = ["for-{token}"])]
async fn deliver(#[redact] token: String) {
    let _ = token;
}

fn main() {
    let _ = deliver::job("s3cret");
}
