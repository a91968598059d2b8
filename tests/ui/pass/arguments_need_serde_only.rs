use jobs_runtime::job;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Bare;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Rich;

#[job]
async fn plain(value: Bare) {
    let _ = value;
}

#[job]
async fn copied(value: Rich, list: Vec<Rich>) {
    let _ = (value, list);
}

fn main() {
    let _ = plain::job(Bare);
    let job = Copied { value: Rich, list: vec![Rich] }.clone();
    assert_eq!(format!("{job:?}"), "Copied { value: Rich, list: [Rich] }");
}
