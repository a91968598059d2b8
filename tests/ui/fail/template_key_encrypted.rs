use jobs_runtime::job;

#[job(unique(key = "{card}"))]
async fn charge(#[encrypt] card: String) {
    let _ = card;
}

fn main() {
    let _ = charge::job("4111");
}
