use jobs_runtime::job;

#[job(unique(within = "1h"))]
async fn deliver(email: String) {
    let _ = email;
}

fn main() {
    let _ = deliver::job("ada");
}
