use jobs_runtime::job;

#[derive(serde::Deserialize)]
struct Receipt;

#[job]
async fn deliver() -> Result<Receipt, String> {
    Ok(Receipt)
}

fn main() {
    let _ = deliver::job();
}
