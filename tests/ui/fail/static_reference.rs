use jobs_runtime::job;

#[job]
async fn deliver(email: &'static str) {
    let _ = email;
}

fn main() {
    let _ = deliver::job("ada");
}
