use jobs_runtime::job;

#[job]
async fn print(#[from_parent] length: usize, #[from_parent] name: String) {
    let _ = (length, name);
}

fn main() {
    let _ = print::job();
}
