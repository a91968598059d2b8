use jobs_runtime::job;

#[job(unique(key = "{ids}"))]
async fn deliver(ids: Vec<u64>) {
    let _ = ids;
}

fn main() {
    let _ = deliver::job(vec![1]);
}
