#![allow(non_snake_case)]

use jobs_runtime::job;

#[job]
async fn Deliver() {}

fn main() {
    let _ = Deliver();
}
