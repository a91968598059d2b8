use jobs_runtime::job;

#[job]
async fn deliver(email: &str) -> &str {
    email
}

fn main() {
    let _ = deliver::job("ada");
}
