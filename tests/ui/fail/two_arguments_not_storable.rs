// errors: 2
use jobs_runtime::job;

struct Mailer;
struct Pool;

#[job]
async fn deliver(email: String, mailer: Mailer, pools: Vec<Pool>) {
    let _ = (email, mailer, pools);
}

fn main() {
    let _ = deliver::job("ada", Mailer, vec![Pool]);
}
