use jobs_runtime::recurring;

#[recurring(cron = "0 9 * * *", args(days = "thirty"))]
async fn report(days: u32) {
    let _ = days;
}

fn main() {
    let _ = report::job(1);
}
