use jobs_runtime::{JobContext, job};

#[job(tags = ["attempt-{ctx}"])]
async fn deliver(email: String, ctx: JobContext) {
    let _ = (email, ctx);
}

fn main() {
    let _ = deliver::job("ada");
}
