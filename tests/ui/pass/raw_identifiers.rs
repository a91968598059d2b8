use jobs_runtime::{Job, job, recurring};

#[job(queue = "q-{type}", unique(key = "{type}-{in}"), tags = ["{in}"])]
async fn r#match(r#type: String, r#in: u32) {
    let _ = (r#type, r#in);
}

#[recurring(every = "1h", args(r#type = 1, r#use = 2))]
async fn r#loop(r#type: u8, r#use: u8) {
    let _ = (r#type, r#use);
}

fn main() {
    let _ = r#match::job("a", 1);
    assert_eq!(Match::NAME, "match");
    let job = Match { r#type: "a".to_owned(), r#in: 1 };
    assert_eq!(job.queue(), "q-a");
    assert_eq!(serde_json::to_string(&job).unwrap(), r#"{"type":"a","in":1}"#);
    assert_eq!(Loop::NAME, "loop");
}
