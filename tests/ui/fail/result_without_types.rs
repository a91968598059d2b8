use jobs_runtime::job;

#[job]
async fn deliver() -> std::fmt::Result {
    Ok(())
}

fn main() {
    let _ = deliver::job();
}
