use jobs_runtime::job;

#[job]
async fn deliver(copies: u32) {
    let _ = copies;
}

fn main() {
    let _ = deliver::job("three");
}
