use jobs_runtime::{State, job};

struct Mailer;

#[job]
async fn deliver(email: String, #[injekt] mailer: Vec<u8>) {
    let _ = (email, mailer);
}

fn main() {
    let _: Option<State<Mailer>> = None;
    let _ = deliver::job("ada", vec![]);
}
