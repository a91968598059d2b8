use jobs_runtime::job;

#[job(queue = "tenant-{tenant")]
async fn deliver(tenant: String) {
    let _ = tenant;
}

fn main() {
    let _ = deliver::job("acme");
}
