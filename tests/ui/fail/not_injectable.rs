use jobs_runtime::job;

struct Mailer;

#[job]
async fn deliver(#[inject] mailer: Mailer) {
    let _ = mailer;
}

fn main() {
    let _ = deliver::job();
}
