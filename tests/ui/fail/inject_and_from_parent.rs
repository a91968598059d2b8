use jobs_runtime::{State, job};

struct Mailer;

#[job]
async fn deliver(#[inject] #[from_parent] mailer: State<Mailer>) {
    let _ = mailer;
}

fn main() {
    let _ = deliver::job();
}
