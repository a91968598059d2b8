use jobs_runtime::job;

#[job]
async fn print(#[from_parent] length: usize) {
    let _ = length;
}

fn main() {
    let _ = print::enqueue();
}
