use jobs_runtime::job;

type Outcome = Result<u32, String>;

#[job]
async fn deliver() -> Outcome {
    Err("no".to_owned())
}

fn main() {
    let _ = deliver::job();
}
