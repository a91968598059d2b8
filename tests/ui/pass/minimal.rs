use jobs_runtime::{Job, job};

#[job]
async fn tidy_up() {}

fn main() {
    let _ = tidy_up::job();
    let _ = TidyUp {};
    assert_eq!(TidyUp::NAME, "tidy_up");
    let _ = tidy_up();
}
