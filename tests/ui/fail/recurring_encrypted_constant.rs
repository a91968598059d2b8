use jobs_runtime::recurring;

#[recurring(cron = "0 3 * * *", args(card = "4111"))]
async fn charge(#[encrypt] card: String) {
    let _ = card;
}

fn main() {
    let _ = charge::job("4111");
}
