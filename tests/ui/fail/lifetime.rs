use jobs_runtime::job;

#[job]
async fn deliver<'a>(email: &'a str) {
    let _ = email;
}

fn main() {
    let _ = deliver::job("ada");
}
