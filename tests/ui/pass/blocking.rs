use jobs_runtime::{JobContext, job};

#[job]
fn hash(data: &[u8], ctx: JobContext) -> u64 {
    let _ = ctx.attempt();
    data.iter().map(|byte| u64::from(*byte)).sum()
}

#[job]
fn touch(path: &str) -> std::io::Result<()> {
    std::fs::write(path, "")
}

fn main() {
    let _ = hash::job(b"data".as_slice());
    let _ = touch::job("file");
}
