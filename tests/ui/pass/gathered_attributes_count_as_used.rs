#![deny(warnings)]

use jobs_runtime::{Job, job, recurring};

#[recurring(every = "1h")]
#[job(queue = "reports")]
async fn report() {}

fn main() {
    assert_eq!(Report::QUEUE, "reports");
}
