use jobs_runtime::{JobHandle, job};

#[job]
async fn print(#[from_parent] length: usize) {
    let _ = length;
}

fn continues(parent: &JobHandle<String>) {
    let _ = print::continue_with(parent);
}

fn main() {
    let _ = continues;
}
