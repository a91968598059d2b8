use std::rc::Rc;

use jobs_runtime::job;

#[job]
async fn deliver() {
    let held = Rc::new(1);
    std::future::ready(()).await;
    drop(held);
}

fn main() {
    let _ = deliver::job();
}
