use jobs_runtime::{JobContext, job};

#[job]
async fn deliver(email: String, #[redact] ctx: JobContext) {
    let _ = (email, ctx);
}

fn main() {
    let _ = deliver::job("ada");
}
