use jobs_runtime::job;

#[job]
const fn deliver(number: u32) -> u32 {
    number
}

fn main() {
    let _ = deliver::job(1);
}
