use jobs_runtime::job;

#[job(queu = "mail")]
async fn deliver() {}

fn main() {
    let _ = deliver::job();
}
