use jobs_runtime::job;

#[job]
async fn deliver<T: Send>(value: T) {
    let _ = value;
}

fn main() {}
