use jobs_runtime::job;

#[job]
async fn deliver((name, host): (String, String)) {
    let _ = (name, host);
}

fn main() {
    let _ = deliver::job((String::new(), String::new()));
}
