use jobs_runtime::job;

#[job(aliases = ["send_mail", "deliver"])]
async fn deliver() {}

fn main() {
    let _ = deliver::job();
}
