use jobs_runtime::job;

#[job]
async fn deliver(_: String) {}

fn main() {
    let _ = deliver::job("ada");
}
