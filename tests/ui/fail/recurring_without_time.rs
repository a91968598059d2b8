use jobs_runtime::recurring;

#[recurring(tz = "Europe/Istanbul")]
async fn report() {}

fn main() {
    let _ = report::job();
}
