use jobs_runtime::{JobHandle, job};

#[job(timout = "30s")]
async fn file(#[from_parent] receipt: String, folder: &str) {
    let _ = (receipt, folder);
}

fn continues(parent: &JobHandle<String>) {
    let _ = file::continue_with(parent, "2026/11");
    let _ = file::job("2026/11").after(parent);
    let _ = File { folder: String::new() };
}

fn main() {
    let _ = continues;
}
