use jobs_runtime::job;

#[job]
async fn deliver(email: Option<&str>) {
    let _ = email;
}

fn main() {}
