use jobs_runtime::job;

#[job]
async fn deliver(list: &mut Vec<u32>) {
    list.clear();
}

fn main() {
    let _ = deliver::job(vec![1]);
}
