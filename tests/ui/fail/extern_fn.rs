use jobs_runtime::job;

#[job]
extern "C" fn deliver(number: u32) -> u32 {
    number
}

fn main() {
    let _ = deliver::job(1);
}
