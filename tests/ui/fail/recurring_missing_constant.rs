use jobs_runtime::recurring;

#[recurring(cron = "0 9 * * *", args(days = 30))]
async fn report(days: u32, folder: String) {
    let _ = (days, folder);
}

fn main() {
    let _ = report::job(1, "f");
}
