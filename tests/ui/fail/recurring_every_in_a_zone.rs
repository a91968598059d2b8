use jobs_runtime::recurring;

#[recurring(every = "1h", tz = "Europe/Istanbul")]
async fn report() {}

fn main() {
    let _ = report::job();
}
