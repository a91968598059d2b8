use jobs_runtime::job;

#[job(retry_if = always)]
async fn deliver() -> u32 {
    1
}

fn always(_: &String) -> bool {
    true
}

fn main() {
    let _ = (deliver::job(), always(&String::new()));
}
