use jobs_runtime::job;

#[job(concurrency(key = "{tenant}", limit = 3))]
async fn deliver(tenant: String) {
    let _ = tenant;
}

fn main() {
    let _ = deliver::job("acme");
}
