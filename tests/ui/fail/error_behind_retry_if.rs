use jobs_runtime::job;

#[job(retry_if = is_transient)]
async fn deliver() -> Result<(), String> {
    Ok(())
}

fn is_transient(error: &u32) -> bool {
    *error == 1
}

fn main() {
    let _ = deliver::job();
}
