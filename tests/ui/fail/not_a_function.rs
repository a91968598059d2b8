use jobs_runtime::job;

#[job]
struct Message {
    email: String,
}

fn main() {
    let _ = Message { email: String::new() }.email;
}
