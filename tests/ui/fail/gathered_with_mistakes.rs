// errors: 3
use jobs_runtime::{job, recurring};

#[job(queue = "Mail")]
#[recurring(cron = "* * * *")]
#[recurring(every = "0s", id = "often")]
async fn deliver() {}

fn main() {
    let _ = deliver::job();
    let _ = deliver::schedule_in(std::time::Duration::ZERO);
}
