use std::future::Future;

use jobs_runtime::job;

#[job]
fn deliver(email: String) -> impl Future<Output = ()> + Send {
    async move { drop(email) }
}

fn main() {
    let _ = deliver::job("ada");
}
