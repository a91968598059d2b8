use jobs_runtime::{State, job};

struct Mailer;

#[job]
async fn deliver(#[inject] #[serde(default)] mailer: State<Mailer>) {
    let _ = mailer;
}

fn main() {
    let _ = deliver::job();
}
