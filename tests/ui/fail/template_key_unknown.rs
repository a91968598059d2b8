use jobs_runtime::job;

#[job(unique(key = "{mail}"))]
async fn deliver(email: String, copies: u32) {
    let _ = (email, copies);
}

fn main() {
    let _ = deliver::job("ada", 1);
}
