use jobs_runtime::job;

#[job]
async fn deliver(#[encrypt] secret: String) {
    let _ = secret;
}

fn main() {
    let _ = deliver::job("s3cret");
}
