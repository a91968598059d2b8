use jobs_runtime::job;

struct Mailer;

#[job]
async fn deliver(email: String, mailer: Mailer) {
    let _ = (email, mailer);
}

fn main() {
    let _ = deliver::job("ada", Mailer);
}
