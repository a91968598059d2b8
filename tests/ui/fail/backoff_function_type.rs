use jobs_runtime::job;

#[job(backoff = delay)]
async fn deliver() {}

fn delay(retry: u32) -> u64 {
    u64::from(retry)
}

fn main() {
    let _ = deliver::job();
}
