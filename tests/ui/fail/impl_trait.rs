use jobs_runtime::job;

#[job]
async fn deliver(email: impl Into<String>) {
    let _ = email.into();
}

fn main() {}
