use std::collections::HashMap;

use jobs_runtime::job;

#[job]
async fn deliver(
    #[redact]
    #[serde(flatten)]
    more: HashMap<String, String>,
) {
    let _ = more;
}

fn main() {
    let _ = deliver::job(HashMap::new());
}
