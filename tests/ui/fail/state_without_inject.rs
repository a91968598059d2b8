use jobs_runtime::{State, job};

struct Mailer;

#[job]
async fn deliver(email: String, mailer: State<Mailer>) {
    let _ = (email, mailer);
}

fn main() {
    let _ = deliver::job("ada");
}
