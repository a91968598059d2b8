use jobs_runtime::recurring;

#[recurring(every = "1h")]
async fn print(#[from_parent] length: usize) {
    let _ = length;
}

fn main() {
    let _ = print::job();
}
