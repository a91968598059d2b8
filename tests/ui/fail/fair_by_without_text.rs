use jobs_runtime::job;

#[job(fair_by = 3)]
async fn deliver(email: String) {
    let _ = email;
}

fn main() {
    let _ = deliver::job("ada");
}
