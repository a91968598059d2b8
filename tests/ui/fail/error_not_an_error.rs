use jobs_runtime::job;

struct MailError;

#[job]
async fn deliver() -> Result<(), MailError> {
    Err(MailError)
}

fn main() {
    let _ = deliver::job();
}
